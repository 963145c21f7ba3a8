package dev.sluice.supervisor.policy.inspect;

import dev.sluice.supervisor.policy.Action;
import dev.sluice.supervisor.policy.CallPlan;
import dev.sluice.supervisor.policy.CallPlan.Step;
import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.Diagnostic;
import dev.sluice.supervisor.policy.Guards;
import dev.sluice.supervisor.policy.Location;
import dev.sluice.supervisor.policy.Rule;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.policy.explain.CallReader;
import dev.sluice.supervisor.policy.explain.DescribedCall;
import dev.sluice.supervisor.policy.explain.DescribedTask;
import dev.sluice.supervisor.policy.explain.Truth;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
        } else if (Guards.PARTLY_CLOSED.containsKey(call) && seen.add(call)) {
          partly(policy, rule, call).ifPresent(warnings::add);
        }
      }
    }
    return warnings;
  }

  private static Optional<Diagnostic> warning(
      CompiledPolicy policy, Rule rule, String call, String danger) {
    if (rule.action() instanceof Action.Allow || rule.action() instanceof Action.Log) {
      return Optional.of(opens(rule, call, danger));
    }
    Set<Location> naming = naming(policy, call);
    boolean open =
        Plans.of(policy, call).stream()
            .anyMatch(plan -> after(plan, rule).anyMatch(step -> isOpen(step, naming)));
    return open ? Optional.of(names(rule, call, danger)) : Optional.empty();
  }

  private static Diagnostic opens(Rule rule, String call, String danger) {
    return Diagnostic.warning(
        rule.location(), "'" + rule.name() + "' opens " + call + ": " + danger);
  }

  private static Diagnostic names(Rule rule, String call, String danger) {
    return Diagnostic.warning(
        rule.location(),
        "'"
            + rule.name()
            + "' names "
            + call
            + ", so that no guard closes it where the rule does not hold: "
            + danger);
  }

  private static Set<Location> naming(CompiledPolicy policy, String call) {
    return policy.policy().rules().stream()
        .filter(rule -> rule.named().contains(call))
        .map(Rule::location)
        .collect(Collectors.toSet());
  }

  /// The steps behind that of a rule, if it has one.
  private static Stream<Step> after(CallPlan plan, Rule rule) {
    return plan.steps().stream()
        .dropWhile(step -> !step.decision().location().equals(rule.location()))
        .skip(1);
  }

  /// Whether it lets take place what is not named there.
  private static boolean isOpen(Step step, Set<Location> naming) {
    Decision decision = step.decision();
    return decision.verdict() instanceof Verdict.Continue && !naming.contains(decision.location());
  }

  /// The same of calls that guards close some of. Whoever allows mount(2) by name means that.
  private static Optional<Diagnostic> partly(CompiledPolicy policy, Rule rule, String call) {
    Set<Location> naming = naming(policy, call);
    for (CallPlan plan : Plans.of(policy, call)) {
      for (Map<Integer, Integer> registers :
          Objects.requireNonNull(Guards.PARTLY_CLOSED.get(call))) {
        DescribedCall closed = describe(plan, registers);
        Optional<String> danger =
            Guards.dangerOf(call, closed, policy.decidesByPaths(), policy.decidesByAddresses());
        Optional<Step> step = deciding(plan, closed);
        if (danger.isEmpty() || step.isEmpty()) {
          continue;
        }
        if (isOpen(step.get(), naming)) {
          return Optional.of(names(rule, call, danger.get()));
        }
        if (!call.equals("mount") && isOpen(step.get(), Set.of())) {
          return policy.policy().rules().stream()
              .filter(each -> each.location().equals(step.get().decision().location()))
              .findFirst()
              .map(each -> opens(each, call, danger.get()));
        }
      }
    }
    return Optional.empty();
  }

  private static DescribedCall describe(CallPlan plan, Map<Integer, Integer> registers) {
    var words = new ArrayList<String>();
    registers.forEach((index, value) -> words.add("args[" + index + "]=" + value));
    return CallReader.read(
        plan.kind().arch(), plan.kind().name(), words, DescribedTask.UNKNOWN, "/");
  }

  /// What decides it, where what else the rules ask does not hold.
  private static Optional<Step> deciding(CallPlan plan, DescribedCall call) {
    return plan.steps().stream()
        .filter(step -> Truth.TRUE.equals(Truth.of(step.condition(), call)))
        .findFirst();
  }
}
