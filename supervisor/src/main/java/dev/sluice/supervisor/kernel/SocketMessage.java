package dev.sluice.supervisor.kernel;

import java.util.stream.IntStream;

/// `struct msghdr` with one iovec and descriptors in its control messages (SCM_RIGHTS, cmsg(3)).
/// Each thread has one, and what it says holds until the thread asks for the next.
final class SocketMessage {
  private static final int SCM_RIGHTS = 1;
  private static final int SCM_PIDFD = 4;

  /// SCM_MAX_FD: what had no room would be closed by the kernel, whether or not it lingers.
  private static final int MOST_FDS = 253;

  private static final int SIZEOF_IOVEC = 16;
  private static final int SIZEOF_MSGHDR = 56;
  private static final int SIZEOF_CMSGHDR = 16;
  private static final int CONTROL_AT = SIZEOF_MSGHDR + SIZEOF_IOVEC;

  /// For what whoever shares the socket may have asked for besides: SCM_CREDENTIALS, SCM_SECURITY.
  private static final int BESIDES = 1024;

  private static final int CONTROL_ROOM = SIZEOF_CMSGHDR + MOST_FDS * Integer.BYTES + BESIDES;

  private static final ThreadLocal<SocketMessage> OF_THREAD =
      ThreadLocal.withInitial(SocketMessage::new);

  private final NativeBytes header = NativeBytes.allocate(CONTROL_AT + CONTROL_ROOM);
  private final NativeBytes iovec = header.slice(SIZEOF_MSGHDR, SIZEOF_IOVEC);
  private final NativeBytes control = header.slice(CONTROL_AT, CONTROL_ROOM);

  private SocketMessage() {
    header.putLong(16, iovec.address());
    header.putLong(24, 1);
    header.putLong(32, control.address());
  }

  private static SocketMessage of(NativeBytes bytes, int count, int controlLength) {
    SocketMessage message = OF_THREAD.get();
    message.iovec.putLong(0, bytes.address());
    message.iovec.putLong(8, Math.min(count, bytes.size()));
    message.header.putLong(40, controlLength);
    return message;
  }

  static SocketMessage toSend(NativeBytes bytes, int count, int[] fds) {
    if (fds.length == 0) {
      return of(bytes, count, 0);
    }
    if (fds.length > UnixSocket.MAX_FDS) {
      throw new IllegalArgumentException(fds.length + " descriptors in one message");
    }
    int length = SIZEOF_CMSGHDR + fds.length * Integer.BYTES;
    SocketMessage message = of(bytes, count, (length + 7) & ~7);
    message.control.putLong(0, length);
    message.control.putInt(8, UnixSocket.SOL_SOCKET);
    message.control.putInt(12, SCM_RIGHTS);
    for (int i = 0; i < fds.length; i++) {
      message.control.putInt(SIZEOF_CMSGHDR + i * (long) Integer.BYTES, fds[i]);
    }
    return message;
  }

  static SocketMessage toReceive(NativeBytes bytes) {
    return of(bytes, (int) bytes.size(), CONTROL_ROOM);
  }

  /// One that brings no descriptors.
  static SocketMessage toPeek(NativeBytes bytes) {
    return of(bytes, (int) bytes.size(), 0);
  }

  long address() {
    return header.address();
  }

  int flags() {
    return header.getInt(48);
  }

  /// The descriptors that were sent, wherever they stand.
  int[] fds() {
    return numbersOf(SCM_RIGHTS);
  }

  /// Those the kernel has added since somebody asked for them (SO_PASSPIDFD).
  int[] pidfds() {
    return numbersOf(SCM_PIDFD);
  }

  /// Of another level, such as SCTP's, the same type means something else.
  private int[] numbersOf(int type) {
    var numbers = IntStream.builder();
    long end = header.getLong(40);
    long at = 0;
    while (at + SIZEOF_CMSGHDR <= end && control.getLong(at) >= SIZEOF_CMSGHDR) {
      long next = Math.min(at + control.getLong(at), end);
      if (control.getInt(at + 8) == UnixSocket.SOL_SOCKET && control.getInt(at + 12) == type) {
        for (long i = at + SIZEOF_CMSGHDR; i + Integer.BYTES <= next; i += Integer.BYTES) {
          numbers.add(control.getInt(i));
        }
      }
      at = (next + 7) & ~7;
    }
    return numbers.build().toArray();
  }
}
