package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.NativeBytes;

/// A message on its way from a caller to the kernel. All of it is ours: copies, and descriptors.
///
/// @param address of [#addressLength] bytes; to where the socket is connected if there are none
/// @param file a pinned unix(7) socket to send to instead, or -1
/// @param data of which the first [#count] bytes are sent
/// @param control control messages (cmsg(3)) with the numbers of our own descriptors in them
public record OutgoingMessage(
    NativeBytes address,
    int addressLength,
    int file,
    NativeBytes data,
    int count,
    ControlMessages control) {}
