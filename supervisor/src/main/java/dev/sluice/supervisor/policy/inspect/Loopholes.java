package dev.sluice.supervisor.policy.inspect;

import dev.sluice.supervisor.policy.Action;
import dev.sluice.supervisor.policy.CallPlan;
import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.Diagnostic;
import dev.sluice.supervisor.policy.Guards;
import dev.sluice.supervisor.policy.PolicyCompiler;
import dev.sluice.supervisor.policy.Rule;
import dev.sluice.supervisor.policy.Verdict;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Finds the ways around a policy that it opens itself: a rule that names a call takes the place of
/// the guard that would have closed it.
final class Loopholes {
  private Loopholes() {}

  static List<Diagnostic> warnings(CompiledPolicy policy) {
    var warnings = new ArrayList<Diagnostic>();
    if (!policy.notifies()) {
      return warnings; // there is no supervisor to get around
    }
    boolean byPaths = policy.decidesByPaths();
    boolean byAddresses = policy.decidesByAddresses();
    Set<String> seen = new HashSet<>();
    for (Rule rule : policy.policy().rules()) {
      for (String call : rule.named()) {
        Optional<String> danger = Guards.danger(call, byPaths, byAddresses);
        if (danger.isPresent() && seen.add(call)) {
          warning(policy, rule, call, danger.get()).ifPresent(warnings::add);
        }
      }
    }
    return warnings;
  }

  private static Optional<Diagnostic> warning(
      CompiledPolicy policy, Rule rule, String call, String danger) {
    if (rule.action() instanceof Action.Allow || rule.action() instanceof Action.Log) {
      return Optional.of(
          Diagnostic.warning(
              rule.location(), "'" + rule.name() + "' opens " + call + ": " + danger));
    }
    boolean open = Plans.of(policy, call).stream().anyMatch(Loopholes::fallsOpen);
    return open
        ? Optional.of(
            Diagnostic.warning(
                rule.location(),
                "'"
                    + rule.name()
                    + "' names "
                    + call
                    + ", so that no guard closes it where the rule does not hold: "
                    + danger))
        : Optional.empty();
  }

  /// Whether what no rule decides is allowed.
  private static boolean fallsOpen(CallPlan plan) {
    var last = plan.steps().getLast().decision();
    return last.rule().equals(PolicyCompiler.DEFAULT) && last.verdict() instanceof Verdict.Continue;
  }
}
