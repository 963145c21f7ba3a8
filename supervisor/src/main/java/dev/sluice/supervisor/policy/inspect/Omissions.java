package dev.sluice.supervisor.policy.inspect;

import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.Diagnostic;
import dev.sluice.supervisor.policy.ImpliedCalls;
import dev.sluice.supervisor.policy.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;

/// Finds rules about files that leave out some calls, because sluice cannot perform them.
final class Omissions {
  private Omissions() {}

  static List<Diagnostic> warnings(CompiledPolicy policy) {
    var warnings = new ArrayList<Diagnostic>();
    for (Rule rule : policy.policy().rules()) {
      if (rule.implied()) {
        SortedSet<String> left = ImpliedCalls.of(rule.action());
        left.removeAll(rule.calls());
        left.removeIf(call -> Plans.of(policy, call).isEmpty());
        if (!left.isEmpty()) {
          warnings.add(
              Diagnostic.warning(
                  rule.location(),
                  "'%s' is not about %s, which sluice cannot perform"
                      .formatted(rule.name(), String.join(", ", left))));
        }
      }
    }
    return warnings;
  }
}
