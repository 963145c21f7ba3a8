package dev.sluice.supervisor.policy.inspect;

import dev.sluice.supervisor.policy.Action;
import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.Diagnostic;
import dev.sluice.supervisor.policy.Rule;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.syscall.Family;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/// Finds rules that refuse a call and leave another that can do the same. Where a rule decides by
/// memory, the compiler refuses it (FamilyCheck); where it does not, its author may have meant it.
final class Families {
  private Families() {}

  static List<Diagnostic> warnings(CompiledPolicy policy) {
    var warnings = new ArrayList<Diagnostic>();
    if (!isOpen(policy.policy().otherwise())) {
      return warnings; // what is not named is refused as well
    }
    Set<String> covered = new HashSet<>();
    policy.policy().rules().forEach(rule -> covered.addAll(rule.calls()));
    for (Rule rule : policy.policy().rules()) {
      SortedSet<String> left =
          isOpen(rule.action()) ? new TreeSet<>() : left(policy, rule, covered);
      if (!left.isEmpty()) {
        warnings.add(
            Diagnostic.warning(
                rule.location(),
                "'"
                    + rule.name()
                    + "' leaves "
                    + String.join(", ", left)
                    + ", which can do the same"));
      }
    }
    return warnings;
  }

  private static boolean isOpen(Action action) {
    return action instanceof Action.Allow || action instanceof Action.Log;
  }

  private static SortedSet<String> left(CompiledPolicy policy, Rule rule, Set<String> covered) {
    var left = new TreeSet<String>();
    for (String call : rule.named()) {
      for (Family family : Family.all()) {
        if (family.calls().contains(call) && !Plans.of(policy, call).isEmpty()) {
          family.calls().stream()
              .filter(other -> !covered.contains(other) && isOpen(policy, other))
              .forEach(left::add);
        }
      }
    }
    return left;
  }

  /// Whether some architecture has the call, and the policy lets it take place.
  private static boolean isOpen(CompiledPolicy policy, String call) {
    return Plans.of(policy, call).stream()
        .flatMap(plan -> plan.steps().stream())
        .anyMatch(step -> step.decision().verdict() instanceof Verdict.Continue);
  }
}
