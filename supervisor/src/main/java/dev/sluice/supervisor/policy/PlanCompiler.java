package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.policy.CallPlan.Step;
import dev.sluice.supervisor.policy.condition.Condition;
import dev.sluice.supervisor.policy.condition.Condition.Constant;
import dev.sluice.supervisor.target.CallKind;
import dev.sluice.supervisor.target.IdentityChange;
import java.util.ArrayList;
import java.util.List;

/// Puts together how each call is decided: its rules in order, then the guards, then the default.
/// Refuses what could only be enforced by a race.
final class PlanCompiler {
  private static final String DEFAULT = "default";
  private static final String GUARD = "guard";

  private final Policy policy;
  private final CompiledRules rules;
  private final Emulations emulations;
  private final boolean notifies;
  private final boolean byPaths;
  private final List<Diagnostic> diagnostics;

  PlanCompiler(
      Policy policy,
      CompiledRules rules,
      Emulations emulations,
      boolean notifies,
      List<Diagnostic> diagnostics) {
    this.policy = policy;
    this.rules = rules;
    this.emulations = emulations;
    this.notifies = notifies;
    this.byPaths = rules.decideByPaths();
    this.diagnostics = diagnostics;
  }

  CallPlan plan(CallKind kind) {
    return new Draft(kind).finish();
  }

  /// The plan of one call while it is being put together.
  private final class Draft {
    private final CallKind kind;
    private final IdentityChange change;
    private final List<Step> steps = new ArrayList<>();

    /// A rule up to here looks at memory; and the first one that does.
    private boolean readsMemory;

    private Location reader = policy.location();

    /// Such a rule accepts the race.
    private boolean unsafe;

    Draft(CallKind kind) {
      this.kind = kind;
      this.change = notifies ? Guards.changeBy(kind.name()) : IdentityChange.NONE;
    }

    CallPlan finish() {
      addRules();
      if (!isComplete()) {
        addGuards();
      }
      if (!isComplete()) {
        addDefault();
      }
      var performer = emulations.performerOf(kind.name());
      boolean mayContinue =
          steps.stream().anyMatch(step -> step.decision().verdict() instanceof Verdict.Continue);
      if (readsMemory && performer.isEmpty() && mayContinue) {
        error(
            reader,
            "sluice cannot perform "
                + kind.name()
                + " itself, so what this rule looks at could be exchanged before the kernel looks"
                + " again; leave "
                + kind.name()
                + " out, decide by registers, or accept the race with 'unsafe: continue'");
      }
      if (unsafe && policy.requireEmulated()) {
        error(
            reader,
            "the policy says 'require: emulated', but this rule accepts a race for " + kind.name());
      }
      return new CallPlan(kind, List.copyOf(steps), performer, change);
    }

    /// Whether something always holds by now.
    private boolean isComplete() {
      return !steps.isEmpty() && steps.getLast().condition().equals(Constant.TRUE);
    }

    private void addRules() {
      for (Rule rule : rules.about(kind.name())) {
        Condition condition = rules.conditionOf(rule, kind);
        if (condition.equals(Constant.FALSE)) {
          continue;
        }
        if (condition.readsMemory()) {
          reader = readsMemory ? reader : rule.location();
          readsMemory = true;
          unsafe |= rule.unsafeContinue();
        }
        AuditMode audit = rules.auditOf(rule);
        if (KernelActions.isKernelOnly(rule.action()) && (readsMemory || audit.demandsRecord())) {
          error(
              rule.location(),
              "only the kernel can '"
                  + rule.action().keyword()
                  + "', and it cannot evaluate what decides "
                  + kind.name()
                  + " here; use deny, or kill: process");
        }
        add(condition, rule.name(), rule.action(), rules.verdict(rule), audit);
        if (condition.equals(Constant.TRUE)) {
          return;
        }
      }
    }

    private void addGuards() {
      boolean named =
          rules.about(kind.name()).stream().anyMatch(rule -> rule.named().contains(kind.name()));
      if (!notifies || named) {
        return;
      }
      for (Guards.Guard guard : Guards.of(kind.name(), byPaths)) {
        readsMemory |= guard.condition().readsMemory();
        Action action =
            guard
                .errno()
                .<Action>map(errno -> new Action.Deny(errno.number()))
                .orElseGet(Action.Allow::new);
        Verdict verdict =
            guard
                .errno()
                .<Verdict>map(errno -> Verdict.Fail.of(errno.number()))
                .orElse(Verdict.CONTINUE);
        add(guard.condition(), GUARD, action, verdict, AuditMode.WHEN_NOTIFIED);
      }
    }

    private void addDefault() {
      Action otherwise = policy.otherwise();
      Verdict verdict =
          switch (otherwise) {
            case Action.Allow _, Action.Log _ -> Verdict.CONTINUE;
            case Action.Deny(int errno) -> Verdict.Fail.of(errno);
            case Action.Return(long value) -> Verdict.Return.of(value);
            default -> Verdict.KILL;
          };
      add(Constant.TRUE, DEFAULT, otherwise, verdict, policy.auditOf(otherwise));
    }

    private void add(
        Condition condition, String rule, Action action, Verdict verdict, AuditMode audit) {
      int kernelAction = KernelActions.of(action, audit);
      AuditMode mode = audit;
      if (kernelAction == Seccomp.RET_ALLOW && change != IdentityChange.NONE) {
        // notified for our own sake
        kernelAction = Seccomp.RET_USER_NOTIF;
        mode = AuditMode.NEVER;
      }
      boolean race = unsafe && verdict instanceof Verdict.Continue;
      steps.add(
          new Step(
              condition,
              new Decision(
                  rule,
                  action.keyword(),
                  race ? Verdict.CONTINUE_UNSAFELY : verdict,
                  mode,
                  kernelAction)));
    }

    private void error(Location at, String message) {
      diagnostics.add(Diagnostic.error(at, message));
    }
  }
}
