package dev.sluice.supervisor.kernel;

/// rt_sigprocmask(2) for the calling thread, and rt_sigaction(2).
public final class Signals {
  /// What no program of ours is sent otherwise: for urgent data of sockets that ask for it.
  public static final int SIGURG = 23;

  private static final int SIG_BLOCK = 0;
  private static final int SIG_UNBLOCK = 1;
  private static final int SIZEOF_SIGSET = 8;

  /// Of the kernel's own: handler, flags, restorer and mask.
  private static final int SIZEOF_SIGACTION = 32;

  private static final int SA_RESTORER = 0x04000000;

  /// Raised by the thread's own instructions. The JVM uses them (implicit null checks, safepoints),
  /// and blocking one that is raised ends the process.
  private static final int[] SYNCHRONOUS = {
    4 /* ILL */, 5 /* TRAP */, 7 /* BUS */, 8 /* FPE */, 11 /* SEGV */
  };

  private static final NativeBytes URGENT = set(1L << (SIGURG - 1));

  private Signals() {}

  /// From here on the thread receives no signal that another could send it, for a signal that
  /// interrupts ADDFD with FLAG_SEND loses the target's call (6.18; mended in 6.12.117).
  public static void blockAsynchronous() {
    long mask = -1;
    for (int signal : SYNCHRONOUS) {
      mask &= ~(1L << (signal - 1));
    }
    change(SIG_BLOCK, set(mask));
  }

  /// From here on SIGURG ends what a thread waits in that has it not blocked, with EINTR, and does
  /// nothing else.
  public static void interruptByUrgent() {
    var action = NativeBytes.allocate(SIZEOF_SIGACTION);
    action.putLong(0, CLibrary.address("sluice_interrupted"));
    action.putLong(8, SA_RESTORER);
    action.putLong(16, CLibrary.address("sluice_sigreturn"));
    long rc =
        CLibrary.keep(
            CLibrary.syscall(
                SyscallNumber.RT_SIGACTION, SIGURG, action.address(), 0, SIZEOF_SIGSET),
            action);
    SyscallException.check(rc, "rt_sigaction", "SIGURG");
  }

  /// Lets SIGURG in, for the calling thread. Allocates nothing.
  public static void unblockUrgent() {
    change(SIG_UNBLOCK, URGENT);
  }

  /// The opposite.
  public static void blockUrgent() {
    change(SIG_BLOCK, URGENT);
  }

  private static NativeBytes set(long mask) {
    var set = NativeBytes.allocate(SIZEOF_SIGSET);
    set.putLong(0, mask);
    return set;
  }

  private static void change(int how, NativeBytes set) {
    long rc =
        CLibrary.keep(
            CLibrary.syscall(SyscallNumber.RT_SIGPROCMASK, how, set.address(), 0, SIZEOF_SIGSET),
            set);
    SyscallException.check(rc, "rt_sigprocmask", how == SIG_BLOCK ? "SIG_BLOCK" : "SIG_UNBLOCK");
  }
}
