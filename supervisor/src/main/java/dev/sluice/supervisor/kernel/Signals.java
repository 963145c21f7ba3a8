package dev.sluice.supervisor.kernel;

/// rt_sigprocmask(2) for the calling thread.
public final class Signals {
  private static final int SIG_BLOCK = 0;
  private static final int SIZEOF_SIGSET = 8;

  /// Raised by the thread's own instructions. The JVM uses them (implicit null checks, safepoints),
  /// and blocking one that is raised ends the process.
  private static final int[] SYNCHRONOUS = {
    4 /* ILL */, 5 /* TRAP */, 7 /* BUS */, 8 /* FPE */, 11 /* SEGV */
  };

  private Signals() {}

  /// From here on the thread receives no signal that another could send it, for a signal that
  /// interrupts ADDFD with FLAG_SEND loses the target's call (6.18; mended in 6.12.117).
  public static void blockAsynchronous() {
    long mask = -1;
    for (int signal : SYNCHRONOUS) {
      mask &= ~(1L << (signal - 1));
    }
    var set = NativeBytes.allocate(SIZEOF_SIGSET);
    set.putLong(0, mask);
    long rc =
        CLibrary.keep(
            CLibrary.syscall(
                SyscallNumber.RT_SIGPROCMASK, SIG_BLOCK, set.address(), 0, SIZEOF_SIGSET),
            set);
    SyscallException.check(rc, "rt_sigprocmask", "SIG_BLOCK");
  }
}
