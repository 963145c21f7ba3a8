package dev.sluice.supervisor.kernel;

/// `struct msghdr` with one iovec and one control message of descriptors (SCM_RIGHTS, cmsg(3)).
final class SocketMessage {
  private static final int SCM_RIGHTS = 1;

  /// SCM_MAX_FD: what had no room would be closed by the kernel, whether or not it lingers.
  private static final int MOST_FDS = 253;

  private static final int SIZEOF_IOVEC = 16;
  private static final int SIZEOF_MSGHDR = 56;
  private static final int SIZEOF_CMSGHDR = 16;
  private static final int CONTROL_AT = SIZEOF_MSGHDR + SIZEOF_IOVEC;
  private static final int CONTROL_ROOM = SIZEOF_CMSGHDR + MOST_FDS * Integer.BYTES;

  private final NativeBytes header;
  private final NativeBytes control;

  @SuppressWarnings("unused") // kept alive: the iovec holds only its address
  private final NativeBytes bytes;

  private SocketMessage(NativeBytes bytes, int count, int controlRoom) {
    this.bytes = bytes;
    header = NativeBytes.allocate(CONTROL_AT + controlRoom);
    NativeBytes iovec = header.slice(SIZEOF_MSGHDR, SIZEOF_IOVEC);
    control = header.slice(CONTROL_AT, controlRoom);
    iovec.putLong(0, bytes.address());
    iovec.putLong(8, Math.min(count, bytes.size()));
    header.putLong(16, iovec.address());
    header.putLong(24, 1);
    header.putLong(32, control.address());
    header.putLong(40, controlRoom);
  }

  static SocketMessage toSend(NativeBytes bytes, int count, int[] fds) {
    if (fds.length == 0) {
      return new SocketMessage(bytes, count, 0);
    }
    if (fds.length > UnixSocket.MAX_FDS) {
      throw new IllegalArgumentException(fds.length + " descriptors in one message");
    }
    int length = SIZEOF_CMSGHDR + fds.length * Integer.BYTES;
    var message = new SocketMessage(bytes, count, (length + 7) & ~7);
    message.control.putLong(0, length);
    message.control.putInt(8, UnixSocket.SOL_SOCKET);
    message.control.putInt(12, SCM_RIGHTS);
    for (int i = 0; i < fds.length; i++) {
      message.control.putInt(SIZEOF_CMSGHDR + i * (long) Integer.BYTES, fds[i]);
    }
    return message;
  }

  static SocketMessage toReceive(NativeBytes bytes) {
    return new SocketMessage(bytes, (int) bytes.size(), CONTROL_ROOM);
  }

  /// One that brings no descriptors.
  static SocketMessage toPeek(NativeBytes bytes) {
    return new SocketMessage(bytes, (int) bytes.size(), 0);
  }

  long address() {
    return header.address();
  }

  int flags() {
    return header.getInt(48);
  }

  int[] fds() {
    if (header.getLong(40) < SIZEOF_CMSGHDR || control.getInt(12) != SCM_RIGHTS) {
      return new int[0];
    }
    int count = (int) (control.getLong(0) - SIZEOF_CMSGHDR) / Integer.BYTES;
    int[] fds = new int[count];
    for (int i = 0; i < count; i++) {
      fds[i] = control.getInt(SIZEOF_CMSGHDR + i * (long) Integer.BYTES);
    }
    return fds;
  }
}
