package dev.sluice.supervisor.policy.inspect;

import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.policy.AuditMode;
import dev.sluice.supervisor.policy.CallPlan;
import dev.sluice.supervisor.policy.CallPlan.Step;
import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.Location;
import dev.sluice.supervisor.policy.PolicyCompiler;
import dev.sluice.supervisor.policy.Rule;
import dev.sluice.supervisor.policy.SafetyClass;
import dev.sluice.supervisor.policy.Verdict;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// The safety class of each rule, by call. Where registers decide some calls of one name and memory
/// others, it is the weaker one.
final class RuleClasses {
  private record Key(String rule, Location location) {}

  private final Map<Key, RuleReport> reports = new LinkedHashMap<>();

  private RuleClasses() {}

  static List<RuleReport> of(CompiledPolicy policy) {
    var classes = new RuleClasses();
    for (Rule rule : policy.policy().rules()) {
      classes.report(rule.name(), rule.location(), rule.action().keyword());
    }
    Plans.forEach(policy, classes::add);
    return List.copyOf(classes.reports.values());
  }

  private RuleReport report(String rule, Location location, String action) {
    return reports.computeIfAbsent(
        new Key(rule, location),
        _ -> new RuleReport(rule, location, action, new EnumMap<>(SafetyClass.class)));
  }

  private void add(CallPlan plan) {
    boolean ofRegisters = true;
    boolean readsMemory = false;
    for (Step step : plan.steps()) {
      ofRegisters &= step.condition().isOfRegisters();
      readsMemory |= step.condition().readsMemory();
      Decision decision = step.decision();
      boolean ofRule =
          !decision.rule().equals(PolicyCompiler.DEFAULT)
              && !decision.rule().equals(PolicyCompiler.GUARD);
      if (ofRule) {
        report(decision.rule(), decision.location(), decision.action())
            .classes()
            .computeIfAbsent(safety(plan, decision, ofRegisters, readsMemory), _ -> new TreeSet<>())
            .add(plan.kind().name());
      }
    }
  }

  /// @param ofRegisters whether the filter can come to the decision
  /// @param readsMemory whether the supervisor may have looked at memory by then
  private static SafetyClass safety(
      CallPlan plan, Decision decision, boolean ofRegisters, boolean readsMemory) {
    if (ofRegisters && decision.kernelAction() != Seccomp.RET_USER_NOTIF) {
      return SafetyClass.KERNEL;
    }
    return switch (decision.verdict()) {
      case Verdict.ContinueUnsafely _ -> SafetyClass.RACY;
      case Verdict.ContinueOnFloor _ -> SafetyClass.FLOORED;
      case Verdict.Emulate _ -> plan.safetyOfMemory();
      case Verdict.Continue _
          when decision.audit() == AuditMode.EXACT && plan.performer().isPresent() ->
          plan.safetyOfMemory();
      default ->
          readsMemory || plan.alwaysPerforms(decision)
              ? plan.safetyOfMemory()
              : SafetyClass.REGISTERS;
    };
  }
}
