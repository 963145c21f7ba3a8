package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.Edition;
import dev.sluice.supervisor.policy.SafetyClass;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Task;
import org.jspecify.annotations.Nullable;

/// Takes note of calls, on the thread that answers: it copies what it wants to keep, and neither
/// allocates nor blocks, unless the policy wants a call to wait for its record.
///
/// The place of a record is claimed before the answer, so that it comes before those of whatever
/// the caller does next.
public interface Recorder {
  /// No place: there is no room, and the policy wants the call to wait for some.
  long FULL = -2;

  /// A place for the record of a call that is about to be answered. Whoever has it must not wait
  /// for anybody, as the records after it do.
  ///
  /// @param edition the policy
  /// @param decision the rule that decided; null if the call failed before any could
  /// @param mayWait whether to wait where the policy wants a call to; else [#FULL] is returned
  long claim(Edition edition, Call call, @Nullable Decision decision, boolean mayWait);

  /// Takes note of it, now that it is answered.
  ///
  /// @param place from [#claim]; none but this record can be there
  /// @param task the caller, as far as it is known
  /// @param result what sending the answer returned: the number of an injected descriptor, 0, or
  ///   -errno; -ENOENT if the caller was gone
  /// @param receivedNanos when the call was received ([System#nanoTime])
  void record(
      long place,
      Edition edition,
      Call call,
      @Nullable Task task,
      @Nullable Decision decision,
      Verdict verdict,
      SafetyClass safety,
      int result,
      long receivedNanos);
}
