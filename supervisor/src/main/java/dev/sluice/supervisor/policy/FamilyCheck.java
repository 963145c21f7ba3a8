package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.policy.condition.Condition;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.syscall.Family;
import dev.sluice.supervisor.target.CallKind;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Refuses a rule that decides one call by memory and leaves another that does the same thing to
/// pass by it.
final class FamilyCheck {
  private final Policy policy;
  private final CompiledRules rules;
  private final List<Diagnostic> diagnostics;

  /// The calls that some rule names.
  private final Set<String> covered = new HashSet<>();

  private FamilyCheck(Policy policy, CompiledRules rules, List<Diagnostic> diagnostics) {
    this.policy = policy;
    this.rules = rules;
    this.diagnostics = diagnostics;
    policy.rules().forEach(rule -> covered.addAll(rule.calls()));
  }

  static void check(Policy policy, CompiledRules rules, List<Diagnostic> diagnostics) {
    var check = new FamilyCheck(policy, rules, diagnostics);
    for (Rule rule : policy.rules()) {
      // what a rule that names no calls leaves is reported as such
      if (!(rule.action() instanceof Action.Allow) && !rule.implied()) {
        Family.all().stream().filter(Family::byObject).forEach(family -> check.check(rule, family));
      }
    }
  }

  private void check(Rule rule, Family family) {
    var named = new TreeSet<>(family.calls());
    named.removeIf(call -> !rule.calls().contains(call) || !readsMemory(rule, call));
    var left = new TreeSet<>(family.calls());
    left.removeIf(call -> covered.contains(call) || !exists(call));
    if (!named.isEmpty() && !left.isEmpty()) {
      String remedy =
          family.group().map(group -> "write 'on: \"" + group + "\"'").orElse("name them all");
      diagnostics.add(
          Diagnostic.error(
              rule.location(),
              String.join(", ", named)
                  + " decided here, but not "
                  + String.join(", ", left)
                  + ", which can do the same: "
                  + remedy));
    }
  }

  private boolean readsMemory(Rule rule, String call) {
    return policy.architectures().stream()
        .flatMap(arch -> CallKind.named(arch, call).stream())
        .map(kind -> rules.conditionOf(rule, kind))
        .anyMatch(Condition::readsMemory);
  }

  /// Whether an architecture of the policy has the call.
  private boolean exists(String call) {
    return policy.architectures().stream().anyMatch((Arch arch) -> arch.number(call).isPresent());
  }
}
