package dev.sluice.supervisor.kernel;

/// Process and thread ids, signals to them, and waiting for them.
public final class Processes {
  public static final int SIGKILL = 9;

  public static final int SIGUSR1 = 10;
  public static final int SIGCONT = 18;
  public static final int SIGSTOP = 19;
  public static final int SIGTSTP = 20;
  public static final int SIGPIPE = 13;
  public static final int SIGXFSZ = 25;

  private static final int P_PID = 1;
  private static final int WSTOPPED = 2;
  private static final int WCONTINUED = 8;
  private static final int CLD_STOPPED = 5;
  private static final int SIZEOF_SIGINFO = 128;
  private static final int SI_CODE = 8;
  private static final int SI_STATUS = 24;

  private static final int PR_SET_DUMPABLE = 4;
  private static final int KCMP_FILE = 0;
  private static final int KCMP_FILES = 2;

  private Processes() {}

  public static int getpid() {
    return (int) CLibrary.syscall(SyscallNumber.GETPID, 0);
  }

  /// Our process group.
  public static int getpgrp() {
    return (int) CLibrary.syscall(SyscallNumber.GETPGID, 0);
  }

  /// Whether a process is in the process group of its session's leader.
  public static boolean isInLeadersGroup(int pid) {
    return CLibrary.syscall(SyscallNumber.GETPGID, pid)
        == CLibrary.syscall(SyscallNumber.GETSID, pid);
  }

  public static int gettid() {
    return (int) CLibrary.syscall(SyscallNumber.GETTID, 0);
  }

  public static int geteuid() {
    return (int) CLibrary.syscall(SyscallNumber.GETEUID, 0);
  }

  /// Whether `tid` is one of our threads.
  public static boolean isOwnThread(int tid) {
    return tgkill(getpid(), tid, 0) == 0;
  }

  /// A descriptor for a process, readable when it has ended; it never comes to mean another.
  public static int pidfdOpen(int pid) {
    return (int) CLibrary.syscall(SyscallNumber.PIDFD_OPEN, pid, 0);
  }

  /// The same for one thread (PIDFD_THREAD, 6.9); -EINVAL on older kernels.
  public static int pidfdOpenThread(int tid) {
    return (int) CLibrary.syscall(SyscallNumber.PIDFD_OPEN, tid, OpenFlags.O_EXCL);
  }

  /// A copy of descriptor `fd` of the process or thread, close-on-exec; -errno on error.
  public static int pidfdGetfd(int pidfd, int fd) {
    return (int) CLibrary.syscall(SyscallNumber.PIDFD_GETFD, pidfd, fd, 0);
  }

  /// Whether two threads have one table of descriptors (kcmp(2)).
  public static boolean shareFiles(int tid, int other) {
    return CLibrary.syscall(SyscallNumber.KCMP, tid, other, KCMP_FILES, 0) == 0;
  }

  /// Whether two descriptors of ours are of one open file (kcmp(2)).
  public static boolean isOneFile(int fd, int other) {
    int self = getpid();
    return CLibrary.syscall(SyscallNumber.KCMP, self, self, KCMP_FILE, fd, other, 0) == 0;
  }

  public static int pidfdSendSignal(int pidfd, int signal) {
    return (int) CLibrary.syscall(SyscallNumber.PIDFD_SEND_SIGNAL, pidfd, signal, 0, 0);
  }

  /// A signal to all of a process group (kill(2)), as from a terminal.
  public static int signalGroup(int group, int signal) {
    // -1 would be all there are, and 0 our own
    return group > 1
        ? (int) CLibrary.syscall(SyscallNumber.KILL, -group, signal)
        : -Errno.ESRCH.number();
  }

  /// tgkill(2): a signal to one thread of process `tgid`.
  public static int tgkill(int tgid, int tid, int signal) {
    return (int) CLibrary.syscall(SyscallNumber.TGKILL, tgid, tid, signal);
  }

  /// tkill(2): the same, whichever process it is of. For one that cannot have ended, or signal 0.
  public static int tkill(int tid, int signal) {
    return (int) CLibrary.syscall(SyscallNumber.TKILL, tid, signal);
  }

  /// Waits for a child to stop, or to go on (waitid(2)). Returns the signal that stopped it; 0 if
  /// it goes on; -errno: ECHILD when it has ended. Blocks.
  public static int awaitStop(int pid) {
    var info = NativeBytes.allocate(SIZEOF_SIGINFO);
    long result =
        CLibrary.keep(
            CLibrary.syscall(
                SyscallNumber.WAITID, P_PID, pid, info.address(), WSTOPPED | WCONTINUED, 0, 0),
            info);
    if (result < 0) {
      return (int) result;
    }
    return info.getInt(SI_CODE) == CLD_STOPPED ? info.getInt(SI_STATUS) : 0;
  }

  /// Waits for a child to end. Returns its pid, with the wait status as the first int of `status`,
  /// or -errno; blocks.
  public static int waitpid(int pid, NativeBytes status, int options) {
    return (int)
        CLibrary.keep(
            CLibrary.syscall(SyscallNumber.WAIT4, pid, status.address(), options, 0), status);
  }

  /// Keeps others with our credentials from reading our memory and tracing us (prctl(2),
  /// PR_SET_DUMPABLE).
  public static void setNotDumpable() {
    long rc = CLibrary.syscall(SyscallNumber.PRCTL, PR_SET_DUMPABLE, 0);
    SyscallException.check(rc, "prctl", "PR_SET_DUMPABLE");
  }
}
