package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.Edition;
import dev.sluice.supervisor.policy.SafetyClass;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Task;
import org.jspecify.annotations.Nullable;

/// Recorders that keep nothing.
final class Recorders {
  private Recorders() {}

  static Recorder none() {
    return new Forgetful(false);
  }

  /// One with a mistake in it.
  static Recorder broken() {
    return new Forgetful(true);
  }

  private record Forgetful(boolean isBroken) implements Recorder {
    @Override
    public long claim(Edition edition, Call call, @Nullable Decision decision, boolean mayWait) {
      if (isBroken) {
        throw new IllegalStateException("a mistake");
      }
      return 0;
    }

    @Override
    public void record(
        long place,
        Edition edition,
        Call call,
        @Nullable Task task,
        @Nullable Decision decision,
        Verdict verdict,
        SafetyClass safety,
        int result,
        long receivedNanos) {}
  }
}
