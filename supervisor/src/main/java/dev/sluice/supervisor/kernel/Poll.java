package dev.sluice.supervisor.kernel;

/// poll(2) of one descriptor.
public final class Poll {
  static final int POLLIN = 1;
  static final int POLLPRI = 2;
  static final int POLLOUT = 4;
  static final int POLLERR = 8;

  private Poll() {}

  /// Waits until `fd` can be read, at most `millis`. Returns 1, 0 when the time is over, or -errno.
  public static int awaitInput(int fd, long millis) {
    return await(fd, POLLIN, millis);
  }

  /// Whether `fd` is a pipe or a socket whose other end nobody has any more.
  public static boolean isBroken(int fd) {
    var poll = NativeBytes.allocate(8);
    return await(fd, 0, 0, poll) == 1 && (poll.getShort(6) & POLLERR) != 0;
  }

  /// The same for any of `events`.
  static int await(int fd, int events, long millis) {
    return await(fd, events, millis, NativeBytes.allocate(8));
  }

  private static int await(int fd, int events, long millis, NativeBytes poll) {
    poll.putInt(0, fd);
    poll.putShort(4, (short) events);
    var timeout = NativeBytes.allocate(16);
    timeout.putLong(0, millis / 1000);
    timeout.putLong(8, millis % 1000 * 1_000_000);
    return (int)
        CLibrary.keep(
            CLibrary.syscall(SyscallNumber.PPOLL, poll.address(), 1, timeout.address(), 0, 0, 0),
            poll,
            timeout);
  }
}
