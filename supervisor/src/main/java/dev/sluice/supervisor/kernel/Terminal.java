package dev.sluice.supervisor.kernel;

/// tty_ioctl(4) and poll(2).
public final class Terminal {
  private static final long TIOCGPGRP = 0x540f;
  private static final long TIOCSPGRP = 0x5410;
  private static final int POLLIN = 1;

  private static final long TCGETS = 0x5401;
  private static final int SIZEOF_TERMIOS = 36;

  private Terminal() {}

  /// isatty(3).
  public static boolean isTerminal(int fd) {
    var termios = NativeBytes.allocate(SIZEOF_TERMIOS);
    return CLibrary.keep(
            CLibrary.syscall(SyscallNumber.IOCTL, fd, TCGETS, termios.address()), termios)
        == 0;
  }

  /// The foreground process group of a terminal, or -errno.
  public static int foreground(int tty) {
    var group = NativeBytes.allocate(4);
    long rc =
        CLibrary.keep(
            CLibrary.syscall(SyscallNumber.IOCTL, tty, TIOCGPGRP, group.address()), group);
    return rc < 0 ? (int) rc : group.getInt(0);
  }

  /// Makes `group` the foreground process group. A process in the background must ignore SIGTTOU.
  public static int setForeground(int tty, int group) {
    var memory = NativeBytes.allocate(4);
    memory.putInt(0, group);
    return (int)
        CLibrary.keep(
            CLibrary.syscall(SyscallNumber.IOCTL, tty, TIOCSPGRP, memory.address()), memory);
  }

  /// Waits until `fd` can be read, at most `millis`. Returns 1, 0 when the time is over, or -errno.
  public static int awaitInput(int fd, long millis) {
    return poll(fd, POLLIN, millis);
  }

  static int poll(int fd, int events, long millis) {
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
