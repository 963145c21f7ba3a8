package dev.sluice.supervisor.kernel;

/// poll(2) of one descriptor.
public final class Poll {
  static final int POLLIN = 1;
  static final int POLLPRI = 2;
  static final int POLLOUT = 4;

  private Poll() {}

  /// Waits until `fd` can be read, at most `millis`. Returns 1, 0 when the time is over, or -errno.
  public static int awaitInput(int fd, long millis) {
    return await(fd, POLLIN, millis);
  }

  /// The same for any of `events`.
  static int await(int fd, int events, long millis) {
    var poll = NativeBytes.allocate(8);
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
