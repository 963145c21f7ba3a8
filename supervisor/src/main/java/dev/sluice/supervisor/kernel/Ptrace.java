package dev.sluice.supervisor.kernel;

/// ptrace(2), as far as it takes to see what a thread has executed. A tracee belongs to the thread
/// that seized it, and all further requests and waits are that thread's.
public final class Ptrace {
  /// Begins, without a stop; the options are given as its data.
  public static final int SEIZE = 0x4206;

  /// Has a seized tracee stop, at the latest when it returns to user mode.
  public static final int INTERRUPT = 0x4207;

  /// Lets a stopped tracee go on untraced, with the signal that is given as its data.
  public static final int DETACH = 17;

  /// Options: stop with [#EVENT_EXEC] when a program has been executed, before its first
  /// instruction; kill the tracee if its tracer ends.
  public static final int O_TRACEEXEC = 1 << 4;

  public static final int O_EXITKILL = 1 << 20;

  public static final int EVENT_EXEC = 4;

  /// wait4(2): children and tracees of the calling thread alone, and all kinds of them.
  public static final int WNOTHREAD = 0x20000000;

  public static final int WALL = 0x40000000;

  private Ptrace() {}

  /// Makes a request without an address. Returns 0 or -errno: ESRCH if there is no such tracee, or
  /// if it is not stopped; EPERM if it must not be traced, or is traced already.
  public static int request(int request, int tid, long data) {
    return (int) CLibrary.syscall(SyscallNumber.PTRACE, request, tid, 0, data);
  }
}
