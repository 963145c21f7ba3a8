package dev.sluice.supervisor.kernel;

/// seccomp(2) and seccomp_unotify(2).
public final class Seccomp {
  /// `SECCOMP_RET_` values of a filter; the low 16 bits carry data.
  public static final int RET_KILL_PROCESS = 0x80000000;

  public static final int RET_KILL_THREAD = 0;
  public static final int RET_TRAP = 0x00030000;
  public static final int RET_ERRNO = 0x00050000;
  public static final int RET_USER_NOTIF = 0x7fc00000;
  public static final int RET_TRACE = 0x7ff00000;
  public static final int RET_LOG = 0x7ffc0000;
  public static final int RET_ALLOW = 0x7fff0000;
  public static final int RET_ACTION = 0xffff0000;
  public static final int RET_DATA = 0x0000ffff;

  /// seccomp(2): operation and flags that a filter has to look at.
  public static final int SET_MODE_FILTER = 1;

  public static final int FILTER_FLAG_NEW_LISTENER = 8;

  static final long NOTIF_SEND = 0xc0182101L;
  static final long NOTIF_ADDFD = 0x40182103L;
  private static final long NOTIF_RECV = 0xc0502100L;
  private static final long NOTIF_ID_VALID = 0x40082102L;
  private static final long NOTIF_SET_FLAGS = 0x40082104L;
  private static final long USER_NOTIF_FD_SYNC_WAKE_UP = 1;
  private static final int GET_NOTIF_SIZES = 3;

  private Seccomp() {}

  static int ioctl(int fd, long request, long argument) {
    return (int) CLibrary.syscall(SyscallNumber.IOCTL, fd, request, argument);
  }

  /// Takes the next call that waits. Blocks if there is none, whatever O_NONBLOCK says: call only
  /// after EPOLLIN and from one thread, and beware of others who have a copy of the listener.
  /// ENOENT (the call is gone) and EINTR are normal.
  public static int receive(int listener, SeccompNotif notif) {
    return (int) CLibrary.keep(ioctl(listener, NOTIF_RECV, notif.address()), notif);
  }

  /// 0 while the call waits for our answer, else -ENOENT: then its pid may already be another's.
  public static int idValid(int listener, SeccompNotif notif) {
    return (int) CLibrary.keep(ioctl(listener, NOTIF_ID_VALID, notif.address()), notif);
  }

  /// Wakes the target on our CPU, as we are about to sleep (6.6): a round trip of 6 µs instead of 6
  /// or 60. -EINVAL on older kernels, which work all the same.
  public static int setSyncWakeUp(int listener) {
    return ioctl(listener, NOTIF_SET_FLAGS, USER_NOTIF_FD_SYNC_WAKE_UP);
  }

  /// The size of `struct seccomp_notif` in this kernel. Throws if it fills more than
  /// [SeccompNotif#SIZE] bytes of what we know, or the ioctl numbers, which carry the size, would
  /// be others.
  public static int notifSize() {
    var sizes = NativeBytes.allocate(6);
    long rc =
        CLibrary.keep(
            CLibrary.syscall(SyscallNumber.SECCOMP, GET_NOTIF_SIZES, 0, sizes.address()), sizes);
    SyscallException.check(rc, "seccomp", "SECCOMP_GET_NOTIF_SIZES");
    int size = Short.toUnsignedInt(sizes.getShort(0));
    if (size != SeccompNotif.SIZE) {
      throw new IllegalStateException(
          "struct seccomp_notif has " + size + " bytes in this kernel, not " + SeccompNotif.SIZE);
    }
    return size;
  }
}
