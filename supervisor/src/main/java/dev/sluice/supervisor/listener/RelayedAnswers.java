package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.kernel.Errno;
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
      case Verdict.Kill _ -> {
        Answers.killCaller(call);
        answer.setErrno(call.id(), Errno.EPERM.number());
      }
      // only where the filter is known to have WAIT_KILLABLE_RECV
      case Verdict.ContinueWatched _ -> answer.setErrno(call.id(), Errno.EPERM.number());
      case Verdict.InjectFd _, Verdict.Emulate _ ->
          throw new IllegalStateException("not settled: " + verdict);
    }
    return relayed.reply(answer);
  }

  /// Sends the number of a descriptor that the target has been given, or the -errno why it has not.
  static int sendGiven(Slot slot, RelayedCall relayed, int given) {
    if (given < 0) {
      slot.answer.setErrno(slot.call.id(), -given);
    } else {
      slot.answer.setValue(slot.call.id(), given);
    }
    int sent = relayed.reply(slot.answer);
    return sent < 0 ? sent : given;
  }
}
