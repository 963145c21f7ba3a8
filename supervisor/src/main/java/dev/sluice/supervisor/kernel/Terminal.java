package dev.sluice.supervisor.kernel;

import java.util.Optional;

/// tty_ioctl(4).
public final class Terminal {
  private static final long TIOCGPGRP = 0x540f;
  private static final long TIOCSPGRP = 0x5410;

  private static final long TCGETS = 0x5401;
  private static final long TCSETS = 0x5402;
  private static final long TCFLSH = 0x540b;
  private static final long TCIFLUSH = 0;

  /// The `struct termios` of these requests: asm-generic/termbits.h, not that of libc.
  private static final int SIZEOF_TERMIOS = 36;

  private static final int C_IFLAG = 0;
  private static final int C_LFLAG = 12;
  private static final int C_CC = 17;
  private static final int ICRNL = 0x100;
  private static final int ISIG = 0x1;
  private static final int ICANON = 0x2;
  private static final int ECHO = 0x8;
  private static final int VINTR = 0;
  private static final int VQUIT = 1;
  private static final int VEOL = 11;
  private static final int VEOL2 = 16;
  private static final int SIGINT = 2;
  private static final int SIGQUIT = 3;

  private Terminal() {}

  /// isatty(3).
  public static boolean isTerminal(int fd) {
    return request(fd, TCGETS, NativeBytes.allocate(SIZEOF_TERMIOS)) == 0;
  }

  /// Has what is typed from here on come in lines, and shown, and forgets what was typed before. A
  /// key that sends a signal, but for that which stops, ends a line instead ([#signal]). Returns
  /// what [#restore] takes; empty if that cannot be had.
  public static Optional<NativeBytes> beginLines(int tty) {
    var before = NativeBytes.allocate(SIZEOF_TERMIOS);
    var lines = NativeBytes.allocate(SIZEOF_TERMIOS);
    if (request(tty, TCGETS, before) < 0 || request(tty, TCGETS, lines) < 0) {
      return Optional.empty();
    }
    lines.putInt(C_IFLAG, lines.getInt(C_IFLAG) | ICRNL);
    lines.putInt(C_LFLAG, (lines.getInt(C_LFLAG) | ICANON | ECHO) & ~ISIG);
    if ((before.getInt(C_LFLAG) & ISIG) != 0) {
      lines.putByte(C_CC + VEOL, before.getByte(C_CC + VINTR));
      lines.putByte(C_CC + VEOL2, before.getByte(C_CC + VQUIT));
    }
    if (request(tty, TCSETS, lines) < 0) {
      return Optional.empty();
    }
    if (CLibrary.syscall(SyscallNumber.IOCTL, tty, TCFLSH, TCIFLUSH) < 0) {
      restore(tty, before);
      return Optional.empty();
    }
    return Optional.of(before);
  }

  /// The signal that the last byte of a line would have sent before [#beginLines]; 0 if none.
  public static int signal(NativeBytes before, byte last) {
    if ((before.getInt(C_LFLAG) & ISIG) == 0 || last == 0) {
      return 0;
    }
    if (last == before.getByte(C_CC + VINTR)) {
      return SIGINT;
    }
    return last == before.getByte(C_CC + VQUIT) ? SIGQUIT : 0;
  }

  /// Sets the terminal as it was before [#beginLines].
  public static void restore(int tty, NativeBytes before) {
    var _ = request(tty, TCSETS, before); // one that has hung up needs it no more
  }

  private static long request(int fd, long request, NativeBytes termios) {
    return CLibrary.keep(
        CLibrary.syscall(SyscallNumber.IOCTL, fd, request, termios.address()), termios);
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
}
