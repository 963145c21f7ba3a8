package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.Edition;
import dev.sluice.supervisor.policy.SafetyClass;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Task;
import org.jspecify.annotations.Nullable;

/// Takes note of answered calls, on the thread that answered: it copies what it wants to keep, and
/// neither allocates nor blocks, unless the policy wants a call to wait for its record.
public interface Recorder {
  /// @param edition the policy
  /// @param task the caller, as far as it is known
  /// @param decision the rule that decided; null if the call failed before any could
  /// @param result what sending the answer returned: the number of an injected descriptor, 0, or
  ///   -errno; -ENOENT if the caller was gone
  /// @param receivedNanos when the call was received ([System#nanoTime])
  void record(
      Edition edition,
      Call call,
      @Nullable Task task,
      @Nullable Decision decision,
      Verdict verdict,
      SafetyClass safety,
      int result,
      long receivedNanos);
}
