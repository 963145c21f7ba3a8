package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.policy.condition.Condition;
import dev.sluice.supervisor.syscall.Groups;
import dev.sluice.supervisor.target.CallKind;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Refuses a rule that decides one call by memory and leaves another that does the same thing to
/// pass by it.
final class FamilyCheck {
  private static final List<String> FAMILIES = List.of("@open", "@link", "@rename");

  private FamilyCheck() {}

  static void check(Policy policy, CompiledRules rules, List<Diagnostic> diagnostics) {
    Set<String> covered = new HashSet<>();
    policy.rules().forEach(rule -> covered.addAll(rule.calls()));
    for (Rule rule : policy.rules()) {
      if (!(rule.action() instanceof Action.Allow) && readsMemory(policy, rules, rule)) {
        for (String family : FAMILIES) {
          check(rule, family, covered, diagnostics);
        }
      }
    }
  }

  private static boolean readsMemory(Policy policy, CompiledRules rules, Rule rule) {
    return policy.architectures().stream()
        .flatMap(arch -> rule.calls().stream().map(call -> CallKind.named(arch, call)))
        .flatMap(Optional::stream)
        .map(kind -> rules.conditionOf(rule, kind))
        .anyMatch(Condition::readsMemory);
  }

  private static void check(
      Rule rule, String family, Set<String> covered, List<Diagnostic> diagnostics) {
    var members = new TreeSet<>(Groups.members(family).orElseThrow());
    var named = new TreeSet<>(members);
    named.retainAll(rule.calls());
    members.removeAll(covered);
    if (!named.isEmpty() && !members.isEmpty()) {
      diagnostics.add(
          Diagnostic.error(
              rule.location(),
              String.join(", ", named)
                  + " decided here, but not "
                  + String.join(", ", members)
                  + ", which can do the same: write 'on: \""
                  + family
                  + "\"'"));
    }
  }
}
