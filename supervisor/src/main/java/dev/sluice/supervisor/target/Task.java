package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.Processes;

/// A thread that makes calls, as it was when it was first looked at. Its credentials are current
/// nevertheless, because the filter notifies every call that could change them
/// ([TaskTable#forget]).
public final class Task {
  private static final NativeBytes COMM = NativeBytes.ofString("comm");

  private final int tid;
  private final int procfd;
  private final int pidfd;
  private final TaskStatus status;
  private final Identity identity;
  private final Identity own;
  private final boolean ours;
  private final Text comm;

  private int uses;
  private boolean forgotten;

  private Task(int tid, int procfd, int pidfd, TaskStatus status, Identity identity, Identity own) {
    this.tid = tid;
    this.procfd = procfd;
    this.pidfd = pidfd;
    this.status = status;
    this.identity = identity;
    this.own = own;
    this.ours = identity.equals(own);
    this.comm = Text.of(status.name());
  }

  /// Looks at thread `tid`. The caller makes sure afterwards that the number still means the thread
  /// it meant ([Call#validate]). Throws [Abort].
  static Task look(int tid, Identity own) {
    int procfd =
        Files.openat(
            OpenFlags.AT_FDCWD,
            NativeBytes.ofString("/proc/" + tid),
            OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC,
            0);
    if (procfd < 0) {
      throw Abort.GONE;
    }
    try {
      var status = Proc.status(procfd);
      var identity = Proc.identity(procfd, status);
      int pidfd = Processes.pidfdOpenThread(tid);
      return new Task(tid, procfd, pidfd, status, identity, own);
    } catch (Abort e) {
      Files.close(procfd);
      throw e;
    }
  }

  public int tid() {
    return tid;
  }

  /// The process id.
  public int tgid() {
    return status.tgid();
  }

  /// The name of the program, at most 15 bytes (`comm` of proc(5)), when it was first looked at.
  public String comm() {
    return status.name();
  }

  /// The same as [#comm], as bytes.
  public Text commText() {
    return comm;
  }

  public TaskStatus status() {
    return status;
  }

  public Identity identity() {
    return identity;
  }

  /// Whether it has our credentials, namespaces and root: then what we do is what it would do.
  public boolean isOurs() {
    return ours;
  }

  /// Who we are, for comparison.
  public Identity ownIdentity() {
    return own;
  }

  /// Its namespaces and root.
  public TaskFiles openFiles() {
    return new TaskFiles(procfd);
  }

  /// What the call fails with if a signal waits that would interrupt it in the kernel, or 0. The
  /// signal reaches the caller only once we have answered (WAIT_KILLABLE_RECV).
  ///
  /// ERESTARTSYS becomes EINTR, or the call again (SA_RESTART), on the caller's way to its signal
  /// handler; on no such way, the program would see it. So it is for a caller that certainly takes
  /// the signal: of those for a process, the kernel gives the first thread all that it does not
  /// block, and does not tell which of the others it has chosen.
  public int interruption() {
    TaskStatus now = Proc.status(procfd);
    PendingSignals signals = now.signals();
    if (signals.hasOwn()) {
      return Errno.ERESTARTSYS;
    }
    if (!signals.hasShared()) {
      return 0;
    }
    if (tid == now.tgid() || now.threads() == 1) {
      return Errno.ERESTARTSYS;
    }
    PendingSignals first = Proc.statusOfFirstThread(procfd, now.tgid()).signals();
    return signals.hasSharedBeside(first) ? Errno.EINTR.number() : 0;
  }

  /// A descriptor of its directory in /proc, which never comes to mean another thread's.
  int procfd() {
    return procfd;
  }

  /// The present umask(2): threads share it, and any of them may have changed it.
  public int umask() {
    return Proc.status(procfd).umask();
  }

  /// The present session and controlling terminal.
  public TaskSession session() {
    return TaskSession.read(procfd);
  }

  /// Whether the thread still lives, and the number with it.
  boolean isAlive() {
    if (pidfd < 0) {
      return Files.faccessat(procfd, COMM) == 0;
    }
    // EPERM is alive too
    return Processes.pidfdSendSignal(pidfd, 0) != -Errno.ESRCH.number();
  }

  void use() {
    uses++;
  }

  void release() {
    uses--;
    closeIfUnused();
  }

  void forget() {
    forgotten = true;
    closeIfUnused();
  }

  private void closeIfUnused() {
    if (forgotten && uses == 0) {
      Files.close(procfd);
      if (pidfd >= 0) {
        Files.close(pidfd);
      }
    }
  }
}
