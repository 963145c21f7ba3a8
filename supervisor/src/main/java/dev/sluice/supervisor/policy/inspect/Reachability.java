package dev.sluice.supervisor.policy.inspect;

import dev.sluice.supervisor.policy.CallPlan;
import dev.sluice.supervisor.policy.CallPlan.Step;
import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.Diagnostic;
import dev.sluice.supervisor.policy.Rule;
import dev.sluice.supervisor.policy.condition.Condition.Constant;
import dev.sluice.supervisor.policy.condition.ConditionText;
import dev.sluice.supervisor.policy.explain.ArchName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// Finds rules that never decide anything.
final class Reachability {
  private final CompiledPolicy policy;
  private final Map<CallPlan, List<String>> texts = new HashMap<>();

  private Reachability(CompiledPolicy policy) {
    this.policy = policy;
  }

  static List<Diagnostic> warnings(CompiledPolicy policy) {
    var reachability = new Reachability(policy);
    var warnings = new ArrayList<Diagnostic>();
    for (Rule rule : policy.policy().rules()) {
      reachability
          .whyNever(rule)
          .ifPresent(why -> warnings.add(Diagnostic.warning(rule.location(), why)));
    }
    return warnings;
  }

  private Optional<String> whyNever(Rule rule) {
    List<CallPlan> plans = Plans.of(policy, rule);
    if (plans.isEmpty()) {
      String architectures =
          policy.policy().architectures().stream()
              .map(ArchName::of)
              .collect(Collectors.joining(", "));
      return Optional.of(
          "'"
              + rule.name()
              + "' never decides: there is no "
              + String.join(", ", rule.calls())
              + " on "
              + architectures);
    }
    var before = new LinkedHashMap<String, Decision>();
    for (CallPlan plan : plans) {
      int own = indexOf(plan, rule);
      if (own < 0) {
        Decision last = plan.steps().getLast().decision();
        if (isBefore(last, rule)) {
          before.putIfAbsent(last.rule(), last);
        }
      } else {
        Optional<Decision> same = sameCondition(plan, own);
        if (same.isEmpty()) {
          return Optional.empty();
        }
        before.putIfAbsent(same.get().rule(), same.get());
      }
    }
    String who =
        before.values().stream()
            .map(decision -> "'" + decision.rule() + "' (" + decision.location() + ")")
            .collect(Collectors.joining(", "));
    return Optional.of(
        "'"
            + rule.name()
            + "' never decides: "
            + (before.isEmpty()
                ? "its condition is false for every call it is about"
                : who + " stands before it and decides the same calls"));
  }

  /// Whether a decision that always holds is that of an earlier rule.
  private boolean isBefore(Decision decision, Rule rule) {
    for (Rule each : policy.policy().rules()) {
      if (each.equals(rule)) {
        return false;
      }
      if (isOf(decision, each)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isOf(Decision decision, Rule rule) {
    return decision.rule().equals(rule.name()) && decision.location().equals(rule.location());
  }

  private static int indexOf(CallPlan plan, Rule rule) {
    for (int i = 0; i < plan.steps().size(); i++) {
      if (isOf(plan.steps().get(i).decision(), rule)) {
        return i;
      }
    }
    return -1;
  }

  /// The decision of an earlier step that holds whenever the one at `index` does, being the same.
  private Optional<Decision> sameCondition(CallPlan plan, int index) {
    if (plan.steps().get(index).condition() instanceof Constant) {
      return Optional.empty();
    }
    List<String> all =
        texts.computeIfAbsent(
            plan,
            _ -> {
              var text = new ConditionText(plan.kind(), Optional.empty());
              return plan.steps().stream().map(Step::condition).map(text::of).toList();
            });
    int first = all.indexOf(all.get(index));
    return first < index ? Optional.of(plan.steps().get(first).decision()) : Optional.empty();
  }
}
