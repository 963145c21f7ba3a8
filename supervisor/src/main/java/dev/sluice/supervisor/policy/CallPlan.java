package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.policy.condition.Condition;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.CallKind;
import dev.sluice.supervisor.target.IdentityChange;
import java.util.List;
import java.util.Optional;

/// How calls of one number are decided: the rules that are about them, in order.
///
/// @param steps the last of them always holds
/// @param performer what performs the call once memory has been looked at
/// @param change what the supervisor must know of the call although no rule asks for it
public record CallPlan(
    CallKind kind, List<Step> steps, Optional<Emulation> performer, IdentityChange change) {

  public record Step(Condition condition, Decision decision) {}

  /// The first decision whose condition holds. Throws [dev.sluice.supervisor.target.Abort].
  public Decision decide(Call call) {
    for (int i = 0; i < steps.size() - 1; i++) {
      Step step = steps.get(i);
      if (step.condition.holds(call)) {
        return step.decision;
      }
    }
    return steps.getLast().decision;
  }

  /// Whether any decision here may depend on memory.
  public boolean readsMemory() {
    return steps.stream().anyMatch(step -> step.condition.readsMemory());
  }
}
