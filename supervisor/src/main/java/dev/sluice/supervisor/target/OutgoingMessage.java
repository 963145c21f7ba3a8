package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.Sockets;

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
    ControlMessages control) {
  private static final int NETLINK_ROUTE = 0;

  /// `struct nlmsghdr`, the shortest header of rtnetlink(7) and an attribute that holds a number.
  private static final int SIZEOF_REQUEST_WITH_ATTRIBUTE = 28;

  /// Whether it may have numbers of processes and descriptors in it that mean those of whoever
  /// sends it: it is for netlink(7), and no mere question.
  ///
  /// @param socket that it goes to
  public boolean mayName(int socket) {
    return mayName(socket, count);
  }

  /// The same of one of `count` bytes.
  public static boolean mayName(int socket, int count) {
    return Sockets.domain(socket) == Sockets.AF_NETLINK
        && (count >= SIZEOF_REQUEST_WITH_ATTRIBUTE || Sockets.protocol(socket) != NETLINK_ROUTE);
  }
}
