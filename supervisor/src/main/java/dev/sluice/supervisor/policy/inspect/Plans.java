package dev.sluice.supervisor.policy.inspect;

import dev.sluice.supervisor.policy.CallPlan;
import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.Rule;
import dev.sluice.supervisor.syscall.Arch;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// The plans of a policy: all of them, and those of the calls of one rule.
final class Plans {
  private Plans() {}

  static void forEach(CompiledPolicy policy, Consumer<CallPlan> action) {
    for (Arch arch : policy.policy().architectures()) {
      for (int nr : arch.numbers().values()) {
        CallPlan plan = policy.table().planOf(arch, nr);
        if (plan != null) {
          action.accept(plan);
        }
      }
    }
  }

  /// The plans of the calls a rule is about, on every architecture that has them.
  static List<CallPlan> of(CompiledPolicy policy, Rule rule) {
    var plans = new ArrayList<CallPlan>();
    for (String call : rule.calls()) {
      plans.addAll(of(policy, call));
    }
    return plans;
  }

  static List<CallPlan> of(CompiledPolicy policy, String call) {
    var plans = new ArrayList<CallPlan>();
    for (Arch arch : policy.policy().architectures()) {
      arch.number(call)
          .ifPresent(nr -> {
            CallPlan plan = policy.table().planOf(arch, nr);
            if (plan != null) {
              plans.add(plan);
            }
          });
    }
    return plans;
  }
}
