package dev.sluice.supervisor.handler.socket;

import dev.sluice.supervisor.kernel.Closers;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.Sockets;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Filesystems;
import dev.sluice.supervisor.target.PathArgument;

/// A descriptor of ours for the socket that a call is about (pidfd_getfd(2)): the same open file,
/// whatever becomes of its number in the target.
public final class TargetSocket {
  private TargetSocket() {}

  /// Throws [Abort] with EBADF, or WOULD_BLOCK where the work is not for the event loop.
  public static int open(Call call) {
    if (!call.mayBlock() && !(call.syscalls().isInline() && Closers.areFew())) {
      throw Abort.WOULD_BLOCK;
    }
    int socket = call.task().copyDescriptor(call.intArg(0));
    if (socket < 0) {
      throw Abort.errno(-socket);
    }
    if (!call.mayBlock() && Sockets.waitsForClose(socket)) {
      Sockets.closeAtOnce(socket);
      throw Abort.WOULD_BLOCK;
    }
    return socket;
  }

  /// If the caller has ended meanwhile, this is the last descriptor, and to close it may wait.
  public static void close(Call call, int socket) {
    if (call.mayBlock()) {
      Files.close(socket);
    } else {
      Sockets.closeAtOnce(socket);
    }
  }

  /// The object that the path of an address leads to. Throws [Abort] with ENOENT if there is none.
  static int pinned(Call call) {
    PathArgument file = call.addressFile();
    if (file.object() < 0) {
      throw Abort.errno(Errno.ENOENT);
    }
    if (!call.mayBlock() && file.filesystem(call) == Filesystems.Kind.SLOW) {
      throw Abort.WOULD_BLOCK;
    }
    return file.object();
  }
}
