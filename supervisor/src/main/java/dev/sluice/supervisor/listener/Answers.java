package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.Processes;
import dev.sluice.supervisor.kernel.SeccompAnswer;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Call;

/// Sends verdicts to the kernel. Any thread whose signals are blocked may.
final class Answers {
  private static final int ENOENT = -Errno.ENOENT.number();
  private static final int EINPROGRESS = -Errno.EINPROGRESS.number();

  private final int listener;
  private final boolean waitKillable;
  private final boolean kept;

  /// @param waitKillable whether the filter was installed with WAIT_KILLABLE_RECV
  /// @param kept whether its calls outlive us
  Answers(int listener, boolean waitKillable, boolean kept) {
    this.listener = listener;
    this.waitKillable = waitKillable;
    this.kept = kept;
  }

  boolean isWaitKillable() {
    return waitKillable;
  }

  /// Returns what the kernel said: 0, the number of the injected descriptor in the target, or
  /// -errno. -ENOENT means that the caller is gone. If the target cannot take a descriptor
  /// (EMFILE), that is what its call fails with.
  int send(Slot slot, Verdict verdict) {
    Call call = slot.call;
    SeccompAnswer answer = slot.answer;
    return switch (verdict) {
      case Verdict.Continue _, Verdict.ContinueUnsafely _, Verdict.ContinueOnFloor _ ->
          answer.sendContinue(listener, call.id());
      case Verdict.ContinueWatched _ -> slot.stopped == null ? ENOENT : slot.stopped.release();
      case Verdict.Return(long value) -> answer.sendValue(listener, call.id(), value);
      case Verdict.Fail(int errno) -> answer.sendErrno(listener, call.id(), errno);
      case Verdict.InjectFd injected -> inject(call, answer, injected);
      case Verdict.Kill _ -> slot.stopped == null ? kill(call, answer) : slot.stopped.kill();
      case Verdict.Emulate _ -> throw new IllegalStateException("not settled: " + verdict);
    };
  }

  /// Lets go of a verdict that came too late to be sent.
  static void discard(Verdict verdict) {
    if (verdict instanceof Verdict.InjectFd(int fd, boolean _, boolean _)) {
      Files.close(fd);
    }
  }

  private int inject(Call call, SeccompAnswer answer, Verdict.InjectFd verdict) {
    int fd = verdict.fd();
    boolean closeOnExec = verdict.closeOnExec();
    boolean inOneStep = isInOneStep(call, verdict);
    int result =
        inOneStep
            ? answer.sendFd(listener, call.id(), fd, closeOnExec)
            : answer.addFd(listener, call.id(), fd, closeOnExec);
    Files.close(fd);
    if (result >= 0 && !inOneStep) {
      int sent = answer.sendValue(listener, call.id(), result);
      return sent < 0 ? sent : result;
    }
    if (result < 0 && result != ENOENT && result != EINPROGRESS) {
      answer.sendErrno(listener, call.id(), -result);
    }
    return result;
  }

  /// In two steps, our copy is closed before the target goes on. Where it could write, it would
  /// otherwise find a program it has just written busy (ETXTBSY); and a worker may have opened a
  /// FIFO, which would seem open to the other end. In one step it is faster, and the only way where
  /// a signal can interrupt the target between the two: it would have a descriptor it never heard
  /// of, and make the call again. But should we be killed in it, on 6.18 the call returns 0 without
  /// a descriptor: so not where the call is to outlive us.
  private boolean isInOneStep(Call call, Verdict.InjectFd verdict) {
    return !kept && (!waitKillable || (verdict.readOnly() && !call.mayBlock()));
  }

  private int kill(Call call, SeccompAnswer answer) {
    killCaller(call);
    return answer.sendErrno(listener, call.id(), Errno.EPERM.number());
  }

  /// The caller still waits for us, so its thread id is its own.
  static void killCaller(Call call) {
    int pidfd = Processes.pidfdOpen(call.task().tgid());
    if (pidfd >= 0) {
      call.validate();
      Processes.pidfdSendSignal(pidfd, Processes.SIGKILL);
      Files.close(pidfd);
    }
  }
}
