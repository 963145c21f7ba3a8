package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.policy.CallPlan.Step;
import dev.sluice.supervisor.policy.condition.Condition;
import dev.sluice.supervisor.policy.condition.Condition.Constant;
import dev.sluice.supervisor.syscall.PathParameter;
import dev.sluice.supervisor.target.CallKind;
import dev.sluice.supervisor.target.IdentityChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Puts together how each call is decided: its rules in order, guards before the first that could
/// let it take place without naming it, and the default. Refuses what could only be enforced by a
/// race.
final class PlanCompiler {
  /// The calls that list a directory; readdir(2) is of i386 only.
  private static final Set<String> LISTING = Set.of("getdents", "getdents64", "readdir");

  private final Policy policy;
  private final CompiledRules rules;
  private final Emulations emulations;
  private final boolean notifies;
  private final boolean byPaths;
  private final boolean byAddresses;
  private final boolean dynamicPaths;
  private final boolean dynamicAddresses;
  private final boolean hideNames;
  private final List<Diagnostic> diagnostics;

  PlanCompiler(
      Policy policy,
      CompiledRules rules,
      Emulations emulations,
      boolean notifies,
      boolean byPaths,
      boolean byAddresses,
      List<Diagnostic> diagnostics) {
    this.policy = policy;
    this.rules = rules;
    this.emulations = emulations;
    this.notifies = notifies;
    this.byPaths = byPaths;
    this.byAddresses = byAddresses;
    this.dynamicPaths = policy.dynamic().stream().anyMatch(PathParameter::isIn);
    this.dynamicAddresses = policy.dynamic().stream().anyMatch(AddressGuards::isAddressed);
    this.hideNames = rules.hiding().isPresent();
    this.diagnostics = diagnostics;
  }

  CallPlan plan(CallKind kind) {
    return new Draft(kind, diagnostics).finish();
  }

  /// What lists directories, where some names are hidden.
  private Optional<Emulation> listing(CallKind kind) {
    if (!hideNames || !LISTING.contains(kind.name())) {
      return Optional.empty();
    }
    // what is wrong with it is said of the call itself
    CallPlan status =
        CallKind.named(kind.arch(), HiddenNames.STATUS)
            .map(call -> new Draft(call, new ArrayList<>()).finish())
            .orElseThrow();
    return Optional.of(emulations.listing(new HiddenNames(status)));
  }

  /// The plan of one call while it is being put together.
  private final class Draft {
    private final CallKind kind;
    private final List<Diagnostic> diagnostics;
    private final Optional<Emulation> listing;
    private final IdentityChange change;
    private final List<Step> steps = new ArrayList<>();

    /// A rule up to here looks at memory; and the first one that does.
    private boolean readsMemory;

    /// A rule up to here looks at more than registers.
    private boolean asksSupervisor;

    private Location reader = policy.location();

    /// Such a rule accepts the race.
    private boolean unsafe;

    private boolean guarded;

    /// A rule up to here names the call itself, and so takes the place of its guards.
    private boolean named;

    Draft(CallKind kind, List<Diagnostic> diagnostics) {
      this.kind = kind;
      this.diagnostics = diagnostics;
      this.listing = listing(kind);
      this.change = notifies ? Guards.changeBy(kind.name()) : IdentityChange.NONE;
    }

    CallPlan finish() {
      addRules();
      if (!isComplete()) {
        addGuards(policy.otherwise(), Constant.TRUE, policy.location());
      }
      if (!isComplete()) {
        addDefault();
      }
      var performer = listing.or(() -> emulations.performerOf(kind.name()));
      boolean mayContinue =
          steps.stream().anyMatch(step -> step.decision().verdict() instanceof Verdict.Continue);
      if (readsMemory && performer.isEmpty() && mayContinue) {
        if (steps.stream().allMatch(step -> isAllowed(step.decision()) || isHidden(step))) {
          continueOnFloor();
        } else {
          error(reader, cannotPerform());
        }
      }
      if (unsafe && policy.requireEmulated()) {
        error(
            reader,
            "the policy says 'require: emulated', but this rule accepts a race for " + kind.name());
      }
      return new CallPlan(kind, steps, performer, listing.isPresent(), change);
    }

    private static boolean isAllowed(Decision decision) {
      return decision.limit().isEmpty()
          && (decision.verdict() instanceof Verdict.Continue
              || decision.verdict() instanceof Verdict.ContinueUnsafely);
    }

    private boolean isHidden(Step step) {
      return step.decision().hides() && Hiding.isEnoughFor(kind.name());
    }

    /// Whatever the rules find there, the call may take place.
    private void continueOnFloor() {
      boolean reads = false;
      for (int i = 0; i < steps.size(); i++) {
        Step step = steps.get(i);
        reads |= step.condition().readsMemory();
        if (reads && step.decision().verdict() instanceof Verdict.Continue) {
          steps.set(i, new Step(step.condition(), step.decision().with(Verdict.CONTINUE_ON_FLOOR)));
        }
      }
    }

    private String cannotPerform() {
      String exchanged =
          ", so what this rule looks at could be exchanged before the kernel looks again; ";
      String race = "or accept the race with 'unsafe: continue'";
      return switch (kind.name()) {
        case "chdir" ->
            "nobody can change the working directory of another process"
                + exchanged
                + "decide what is opened there, whichever way it is named (@open), "
                + race;
        default ->
            "sluice cannot perform "
                + kind.name()
                + " itself"
                + exchanged
                + "leave "
                + kind.name()
                + " out, decide by registers, "
                + race;
      };
    }

    /// Whether something always holds by now.
    private boolean isComplete() {
      return !steps.isEmpty() && steps.getLast().condition().equals(Constant.TRUE);
    }

    private void addRules() {
      for (Rule rule : rules.about(kind.name())) {
        Condition condition = rules.conditionOf(rule, kind);
        named |= names(rule);
        if (condition.equals(Constant.FALSE)) {
          continue;
        }
        if (mayOpen(rule.action()) && !rule.named().contains(kind.name())) {
          // what a later rule that names the call is to decide, stays with it
          addGuards(rule.action(), isNamedAnywhere() ? condition : Constant.TRUE, rule.location());
          if (isComplete()) {
            return;
          }
        }
        asksSupervisor |= !condition.isOfRegisters();
        if (condition.readsMemory()) {
          reader = readsMemory ? reader : rule.location();
          readsMemory = true;
          unsafe |= rule.unsafeContinue();
        }
        AuditMode audit = rules.auditOf(rule);
        checkTier(rule.location(), rule.action(), audit);
        add(
            condition,
            rule.name(),
            rule.location(),
            rule.action(),
            rules.verdict(rule),
            audit,
            rules.limitOf(rule, audit));
        if (condition.equals(Constant.TRUE)) {
          return;
        }
      }
    }

    private boolean names(Rule rule) {
      return rule.named().contains(kind.name()) && !Guards.areBesideRules(kind.name());
    }

    private boolean isNamedAnywhere() {
      return rules.about(kind.name()).stream().anyMatch(this::names);
    }

    /// Adds them before a rule that could let the call take place without naming it, a group's, or
    /// before the default; unless a rule before has named it.
    ///
    /// @param within where they hold
    /// @param at of what comes then
    private void addGuards(Action then, Condition within, Location at) {
      if (!notifies || named || guarded) {
        return;
      }
      guarded = within.equals(Constant.TRUE);
      for (Guards.Guard guard : Guards.of(kind.name(), byPaths, byAddresses)) {
        if (!mayOpen(then) && !guard.condition().isOfRegisters()) {
          continue; // nothing is open that the supervisor would have to close
        }
        Condition condition = Condition.and(within, guard.condition());
        if (condition.readsMemory()) {
          reader = readsMemory ? reader : at;
          readsMemory = true;
        }
        asksSupervisor |= !condition.isOfRegisters();
        int errno = guard.errno().number();
        add(
            condition,
            PolicyCompiler.GUARD,
            policy.location(),
            new Action.Deny(errno),
            Verdict.Fail.of(errno),
            AuditMode.WHEN_NOTIFIED,
            Optional.empty());
      }
    }

    /// Whether a call that it decides can take place; what becomes of it in a handler, the handler
    /// answers for.
    private static boolean mayOpen(Action action) {
      return switch (action) {
        case Action.Allow _, Action.Log _, Action.Ask _, Action.Trace _ -> true;
        default -> false;
      };
    }

    private void addDefault() {
      Action otherwise = policy.otherwise();
      checkTier(policy.location(), otherwise, policy.auditOf(otherwise));
      add(
          Constant.TRUE,
          PolicyCompiler.DEFAULT,
          policy.location(),
          otherwise,
          DefaultDecision.verdict(otherwise),
          policy.auditOf(otherwise),
          Optional.empty());
    }

    private void checkTier(Location at, Action action, AuditMode audit) {
      if (KernelActions.isKernelOnly(action) && (asksSupervisor || audit.demandsRecord())) {
        error(
            at,
            "only the kernel can '"
                + action.keyword()
                + "', and it cannot evaluate what decides "
                + kind.name()
                + " here; use deny, or kill: process");
      } else if (action instanceof Action.Trace && change != IdentityChange.NONE) {
        error(
            at,
            "a tracer lets "
                + kind.name()
                + " take place unseen, and the supervisor has to know whose identity changes;"
                + " use allow, or deny");
      }
    }

    private void add(
        Condition condition,
        String rule,
        Location location,
        Action action,
        Verdict verdict,
        AuditMode audit,
        Optional<Limited> limit) {
      int kernelAction = KernelActions.of(action, audit, limit.isPresent());
      if (listing.isPresent() && verdict instanceof Verdict.Continue) {
        kernelAction = Seccomp.RET_USER_NOTIF;
      }
      AuditMode mode = audit;
      boolean forOurSake = KernelActions.passes(kernelAction) && change != IdentityChange.NONE;
      if (forOurSake || (isDynamic() && KernelActions.isAnswer(kernelAction))) {
        // what would have been the kernel's to decide leaves no record
        mode = kernelAction == Seccomp.RET_ALLOW && !readsMemory ? AuditMode.NEVER : audit;
        kernelAction = Seccomp.RET_USER_NOTIF;
      }
      boolean race = unsafe && verdict instanceof Verdict.Continue;
      steps.add(
          new Step(
              condition,
              new Decision(
                  rule,
                  location,
                  action.keyword(),
                  race ? Verdict.CONTINUE_UNSAFELY : verdict,
                  mode,
                  kernelAction,
                  limit)));
    }

    /// Whether a later version of the policy may decide it: by a rule, or as a guard of its rules.
    private boolean isDynamic() {
      return policy.dynamic().contains(kind.name())
          || (dynamicPaths && Guards.isGuardOfPaths(kind.name()))
          || (dynamicAddresses && Guards.isGuardOfAddresses(kind.name()));
    }

    private void error(Location at, String message) {
      diagnostics.add(Diagnostic.error(at, message));
    }
  }
}
