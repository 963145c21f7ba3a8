package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Unfinished;
import java.util.Optional;

/// What becomes of a call that somebody before us received and did not answer. Nothing is changed
/// twice for it: what was changed is known from whoever made the change, or the call fails.
///
/// @param answer what is answered, if that is known
/// @param unfinished else: what whoever performs the call is to know of. If there is nothing, it is
///   decided as if it had just come
record Recovery(Optional<Verdict> answer, Optional<Unfinished> unfinished) {
  private static final Recovery FROM_THE_BEGINNING =
      new Recovery(Optional.empty(), Optional.empty());
  private static final Recovery UNKNOWN =
      new Recovery(Optional.of(Verdict.Fail.of(Errno.EIO.number())), Optional.empty());

  static Recovery of(OpenCall call) {
    if (call.lost()) {
      return UNKNOWN;
    }
    return call.unfinished().map(Recovery::of).orElse(FROM_THE_BEGINNING);
  }

  private static Recovery of(Unfinished change) {
    if (change.stage() == Unfinished.Stage.BEGUN && !change.effect().isRepeatable()) {
      return UNKNOWN;
    }
    boolean isMade = change.stage() == Unfinished.Stage.MADE;
    // it waited, and was interrupted because we ended
    boolean isInterrupted = isMade && change.result() == -Errno.EINTR.number();
    return switch (change.effect()) {
      case RESULT -> isMade && !isInterrupted ? answer(change.result()) : FROM_THE_BEGINNING;
      case ON_TRIAL -> isMade && !isInterrupted ? answer(change.result()) : resume(change);
      case TRIAL, CREATION -> change.isMade() ? resume(change) : FROM_THE_BEGINNING;
      case UNDOING -> change.isMade() ? FROM_THE_BEGINNING : resume(change);
      case PART, MESSAGE, READING -> resume(change);
    };
  }

  Recovered outcome() {
    if (answer.isPresent()) {
      return equals(UNKNOWN) ? Recovered.FAILED : Recovered.ANSWERED;
    }
    return unfinished.isPresent() ? Recovered.RESUMED : Recovered.REPEATED;
  }

  private static Recovery answer(long result) {
    Verdict verdict = result < 0 ? Verdict.Fail.of((int) -result) : Verdict.Return.of(result);
    return new Recovery(Optional.of(verdict), Optional.empty());
  }

  private static Recovery resume(Unfinished change) {
    return new Recovery(Optional.empty(), Optional.of(change));
  }
}
