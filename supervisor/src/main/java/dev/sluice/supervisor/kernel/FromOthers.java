package dev.sluice.supervisor.kernel;

import java.util.Set;

/// Closes what somebody else has sent, without waiting for others: the last close of a socket that
/// lingers (SO_LINGER) waits until its data has been taken, and so does that of a Unix socket in
/// which such a one is still to be received.
public final class FromOthers {
  private static final int PIECE = 1 << 12;

  /// Errors behind which there may be more: one that is too long, and that the other end was closed
  /// before it had read what we sent, which is said once.
  private static final Set<Integer> PASSING =
      Set.of(-Errno.EMSGSIZE.number(), -Errno.EINTR.number(), -Errno.ECONNRESET.number());

  private FromOthers() {}

  /// Closes a descriptor that came with a message. It does not linger from here on, whoever else
  /// has it: who sends one gives it away.
  public static void close(int fd) {
    int domain = Sockets.domain(fd);
    if (domain == Sockets.AF_UNIX) {
      Closers.closeOrWait(fd);
    } else {
      if (domain >= 0) {
        var _ = Sockets.lingerNot(fd); // a kind that cannot linger may refuse
      }
      Files.close(fd);
    }
  }

  /// Ends a connection, and closes what was sent there and not received.
  public static void end(int connection) {
    // nothing more comes; what is queued can still be received
    var _ = UnixSocket.shutdown(connection); // it may have ended
    var piece = NativeBytes.allocate(PIECE);
    int size = 1;
    while (size > 0 || PASSING.contains(size)) {
      UnixSocket.Received received = UnixSocket.receiveNow(connection, piece);
      for (int each : received.fds()) {
        close(each);
      }
      size = received.size();
    }
    if (Sockets.type(connection) == Sockets.SOCK_SEQPACKET) {
      // an empty message looks like the end: there may be more behind it
      Closers.closeOrWait(connection);
    } else {
      Files.close(connection);
    }
  }
}
