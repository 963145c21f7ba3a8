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

  Answers(int listener) {
    this.listener = listener;
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
      case Verdict.Return(long value) -> answer.sendValue(listener, call.id(), value);
      case Verdict.Fail(int errno) -> answer.sendErrno(listener, call.id(), errno);
      case Verdict.InjectFd(int fd, boolean closeOnExec) -> inject(call, answer, fd, closeOnExec);
      case Verdict.Kill _ -> kill(call, answer);
      case Verdict.Emulate _ -> throw new IllegalStateException("not settled: " + verdict);
    };
  }

  /// Lets go of a verdict that came too late to be sent.
  static void discard(Verdict verdict) {
    if (verdict instanceof Verdict.InjectFd(int fd, boolean _)) {
      Files.close(fd);
    }
  }

  /// Where it can matter, our copy is closed before the target goes on: it would find a program it
  /// has just written busy (ETXTBSY), or a FIFO it has just closed open. On the loop, what is only
  /// read is given in one step, which is faster.
  private int inject(Call call, SeccompAnswer answer, int fd, boolean closeOnExec) {
    boolean inOneStep = !call.mayBlock() && Files.isReadOnly(fd);
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

  /// The caller still waits for us, so its thread id is its own.
  private int kill(Call call, SeccompAnswer answer) {
    int pidfd = Processes.pidfdOpen(call.task().tgid());
    if (pidfd >= 0) {
      call.validate();
      Processes.pidfdSendSignal(pidfd, Processes.SIGKILL);
      Files.close(pidfd);
    }
    return answer.sendErrno(listener, call.id(), Errno.EPERM.number());
  }
}
