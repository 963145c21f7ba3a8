package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.SeccompAnswer;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Call;

/// Has verdicts sent by whoever passed the call on. A descriptor is injected by us, and its number
/// sent as the result.
final class RelayedAnswers {
  private RelayedAnswers() {}

  /// Returns what [Answers#send] does.
  static int send(Slot slot, RelayedCall relayed, Verdict verdict) {
    Call call = slot.call;
    SeccompAnswer answer = slot.answer;
    switch (verdict) {
      case Verdict.Continue _, Verdict.ContinueUnsafely _, Verdict.ContinueOnFloor _ ->
          answer.setContinue(call.id());
      case Verdict.Return(long value) -> answer.setValue(call.id(), value);
      case Verdict.Fail(int errno) -> answer.setErrno(call.id(), errno);
      case Verdict.InjectFd injected -> {
        return inject(call, answer, relayed, injected);
      }
      case Verdict.Kill _ -> {
        Answers.killCaller(call);
        answer.setErrno(call.id(), Errno.EPERM.number());
      }
      // only where the filter is known to have WAIT_KILLABLE_RECV
      case Verdict.ContinueWatched _ -> answer.setErrno(call.id(), Errno.EPERM.number());
      case Verdict.Emulate _ -> throw new IllegalStateException("not settled: " + verdict);
    }
    return relayed.reply(answer);
  }

  private static int inject(
      Call call, SeccompAnswer answer, RelayedCall relayed, Verdict.InjectFd verdict) {
    int result = answer.addFd(relayed.listener(), call.id(), verdict.fd(), verdict.closeOnExec());
    Files.close(verdict.fd());
    if (result < 0) {
      answer.setErrno(call.id(), -result);
    } else {
      answer.setValue(call.id(), result);
    }
    int sent = relayed.reply(answer);
    return sent < 0 ? sent : result;
  }
}
