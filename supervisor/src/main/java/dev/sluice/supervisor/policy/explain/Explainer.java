package dev.sluice.supervisor.policy.explain;

import dev.sluice.supervisor.bpf.Simulator;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.policy.CallPlan;
import dev.sluice.supervisor.policy.CallPlan.Step;
import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.SafetyClass;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.policy.explain.Explanation.Tier;
import dev.sluice.supervisor.target.Abort;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Decides described calls in both tiers, as a filter in the kernel and a supervisor would.
public final class Explainer {
  private final CompiledPolicy policy;

  public Explainer(CompiledPolicy policy) {
    this.policy = policy;
  }

  /// What becomes of `call`.
  ///
  /// @throws UndescribedException if that depends on what was not said of it
  /// @throws IllegalStateException if the two tiers disagree, which would be a mistake in Sluice
  public Explanation explain(DescribedCall call) {
    return decide(call, true);
  }

  /// The same without the reasons.
  public Explanation decide(DescribedCall call) {
    return decide(call, false);
  }

  private Explanation decide(DescribedCall call, boolean withReasons) {
    var filter = Simulator.run(policy.filter(), call::word);
    CallPlan plan = policy.table().planOf(call.kind().arch(), call.kind().nr());
    if (plan == null) {
      return unknown(call, filter);
    }
    var because = new ArrayList<String>();
    boolean notified = filter.action() == Seccomp.RET_USER_NOTIF;
    try {
      Step step = stepFor(plan, call);
      Decision decision = step.decision();
      if (withReasons) {
        reasons(plan, call, step, because);
      }
      if (notified) {
        decision = bySupervisor(plan, call, step);
      }
      if (!decision.equals(step.decision())
          || (!notified && decision.kernelAction() != filter.action())) {
        throw new IllegalStateException(
            "the two tiers disagree on %s: the filter returns %s, the table says %s"
                .formatted(call, VerdictText.of(filter.action()), VerdictText.of(decision)));
      }
      Tier tier = notified ? Tier.SUPERVISOR : Tier.KERNEL;
      SafetyClass safety = notified ? safety(plan, call, decision) : SafetyClass.KERNEL;
      return new Explanation(
          call, VerdictText.of(decision), Optional.of(decision), tier, safety, filter, because);
    } catch (Abort abort) {
      String errno = Errno.nameOf(abort.errno());
      because.add("what it points to is wrong, so that it fails before any rule decides");
      return new Explanation(
          call,
          "deny " + errno,
          Optional.empty(),
          Tier.SUPERVISOR,
          SafetyClass.EMULATED,
          filter,
          because);
    }
  }

  private Explanation unknown(DescribedCall call, Simulator.Outcome filter) {
    String arch = ArchName.of(call.kind().arch());
    String known =
        String.join(", ", policy.policy().architectures().stream().map(ArchName::of).toList());
    return new Explanation(
        call,
        VerdictText.of(filter.action()),
        Optional.empty(),
        Tier.KERNEL,
        SafetyClass.KERNEL,
        filter,
        List.of(
            policy.policy().architectures().contains(call.kind().arch())
                ? "no rule is about it"
                : "the policy is for " + known + ": calls of " + arch + " fail"));
  }

  /// In the order in which a supervisor looks at things, which matters for the class.
  private static Decision bySupervisor(CallPlan plan, DescribedCall call, Step step) {
    call.forget();
    try {
      return plan.decide(call);
    } catch (UndescribedException e) {
      if (plan.readsMemory()) {
        throw e; // whether it looks there is what the class depends on
      }
      return step.decision();
    }
  }

  private static Step stepFor(CallPlan plan, DescribedCall call) {
    for (Step step : plan.steps()) {
      switch (Truth.of(step.condition(), call)) {
        case Truth.Known(boolean holds) when holds -> {
          return step;
        }
        case Truth.Known _ -> {}
        case Truth.Open(UndescribedException why) -> throw why;
      }
    }
    throw new IllegalStateException("no step of " + call.kind().name() + " always holds");
  }

  private void reasons(CallPlan plan, DescribedCall call, Step decisive, List<String> because) {
    var reasons = new Reasons(policy.policy(), call);
    for (Step step : plan.steps()) {
      if (step.equals(decisive)) {
        because.add(reasons.whyApplied(step));
        return;
      }
      because.add(reasons.whyPassedOver(step));
    }
  }

  private static SafetyClass safety(CallPlan plan, DescribedCall call, Decision decision) {
    return switch (decision.verdict()) {
      case Verdict.ContinueUnsafely _ -> SafetyClass.RACY;
      case Verdict.ContinueOnFloor _ -> SafetyClass.FLOORED;
      case Verdict.Continue _
          when call.isMemoryRead() && plan.performer().isPresent() && isPathOnly(call) ->
          SafetyClass.FLOORED;
      default ->
          call.isMemoryRead() || plan.alwaysPerforms(decision)
              ? plan.safetyOfMemory()
              : SafetyClass.REGISTERS;
    };
  }

  /// Whether it opens a file for nothing but its place in the tree.
  private static boolean isPathOnly(DescribedCall call) {
    return call.isOpenWith(OpenFlags.O_PATH);
  }
}
