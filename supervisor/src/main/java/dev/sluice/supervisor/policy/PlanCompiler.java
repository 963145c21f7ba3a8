package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.policy.CallPlan.Step;
import dev.sluice.supervisor.policy.condition.Condition;
import dev.sluice.supervisor.policy.condition.Condition.Constant;
import dev.sluice.supervisor.syscall.PathParameter;
import dev.sluice.supervisor.target.CallKind;
import dev.sluice.supervisor.target.IdentityChange;
import dev.sluice.supervisor.target.SocketAddress;
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
  private final boolean byPrograms;
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
      boolean byPrograms,
      List<Diagnostic> diagnostics) {
    this.policy = policy;
    this.rules = rules;
    this.emulations = emulations;
    this.notifies = notifies;
    this.byPaths = byPaths;
    this.byAddresses = byAddresses;
    this.byPrograms = byPrograms;
    // a later version may decide any of them by the path of the program
    this.dynamicPaths = !policy.dynamic().isEmpty();
    this.dynamicAddresses = policy.dynamic().stream().anyMatch(SocketAddress::isOf);
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
    private final Optional<Emulation> performer;
    private final IdentityChange change;
    private final List<Step> steps = new ArrayList<>();

    /// The index of the first step that looks at memory, or -1.
    private int firstReader = -1;

    /// The first rule that looks at memory and accepts a race, and the first that does not.
    private Optional<Location> accepting = Optional.empty();

    private Optional<Location> refusing = Optional.empty();

    /// A rule up to here looks at more than registers.
    private boolean asksSupervisor;

    /// A rule up to here is one that nobody could carry out.
    private boolean complained;

    private boolean guarded;

    /// A rule up to here names the call itself, and so takes the place of its guards.
    private boolean named;

    Draft(CallKind kind, List<Diagnostic> diagnostics) {
      this.kind = kind;
      this.diagnostics = diagnostics;
      this.listing = listing(kind);
      this.performer = listing.or(() -> emulations.performerOf(kind.name()));
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
      if (!complained && !isHeld() && stepsOfMemory().stream().anyMatch(Draft::continues)) {
        continueUnheld();
      }
      return new CallPlan(kind, steps, performer, listing.isPresent(), change);
    }

    /// Whether what takes place is what was looked at, whoever calls. A program that another traces
    /// cannot be looked at.
    private boolean isHeld() {
      return performer.map(Emulation::safety).orElse(SafetyClass.RACY) == SafetyClass.EMULATED;
    }

    /// What one rule accepts must not cost another what it relies on: so all have to accept it.
    private void continueUnheld() {
      if (accepting.isPresent() && refusing.isEmpty()) {
        continueAs(Verdict.CONTINUE_UNSAFELY);
        if (policy.requireEmulated()) {
          error(
              accepting.get(),
              "the policy says 'require: emulated', but this rule accepts a race for "
                  + kind.name());
        }
      } else if (performer.isEmpty()) {
        if (stepsOfMemory().stream()
            .allMatch(step -> isAllowed(step.decision()) || isHidden(step.decision()))) {
          // whatever the rules find there, the call may take place
          continueAs(Verdict.CONTINUE_ON_FLOOR);
        } else {
          Location first = stepsOfMemory().getFirst().decision().location();
          error(refusing.orElse(first), cannotPerform());
        }
      }
    }

    /// The steps that a look at memory leads to; those before them are exact.
    private List<Step> stepsOfMemory() {
      return firstReader < 0 ? List.of() : steps.subList(firstReader, steps.size());
    }

    private static boolean continues(Step step) {
      return step.decision().verdict() instanceof Verdict.Continue;
    }

    private static boolean isAllowed(Decision decision) {
      return decision.limit().isEmpty() && decision.verdict() instanceof Verdict.Continue;
    }

    private boolean isHidden(Decision decision) {
      return decision.hides() && Hiding.isEnoughFor(kind.name());
    }

    private void continueAs(Verdict verdict) {
      stepsOfMemory()
          .replaceAll(step ->
              continues(step) ? new Step(step.condition(), step.decision().with(verdict)) : step);
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
        if (Guards.mayOpen(rule.action()) && !rule.named().contains(kind.name())) {
          // what a later rule that names the call is to decide, stays with it
          addGuards(rule.action(), isNamedAnywhere() ? condition : Constant.TRUE, rule.location());
          if (isComplete()) {
            return;
          }
        }
        asksSupervisor |= !condition.isOfRegisters();
        if (condition.readsMemory()) {
          looksAtMemory();
          accept(rule);
        }
        AuditMode audit = rules.auditOf(rule);
        checkPerformed(rule, audit);
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

    /// The next step does.
    private void looksAtMemory() {
      firstReader = firstReader < 0 ? steps.size() : firstReader;
    }

    private void accept(Rule rule) {
      if (rule.unsafeContinue()) {
        accepting = accepting.or(() -> Optional.of(rule.location()));
      } else if (!(rule.action() instanceof Action.Hide && Hiding.isEnoughFor(kind.name()))) {
        refusing = refusing.or(() -> Optional.of(rule.location()));
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
      boolean paths = Guards.isGuardOfPrograms(kind.name()) ? byPrograms : byPaths;
      for (Guards.Guard guard : Guards.of(kind.name(), paths, byAddresses)) {
        if (!Guards.mayOpen(then) && !guard.condition().isOfRegisters()) {
          continue; // nothing is open that the supervisor would have to close
        }
        if (then instanceof Action.Trace && isOfOthers(guard.condition())) {
          guarded = false; // what the rule leaves is still to be closed
          continue; // whoever traces sees it, and the kernel could not ask us as well
        }
        Condition condition = Condition.and(within, guard.condition());
        if (condition.readsMemory()) {
          looksAtMemory();
          refusing = refusing.or(() -> Optional.of(at));
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

    /// Whether it is about who or whom, and so neither in registers nor in memory.
    private static boolean isOfOthers(Condition condition) {
      return !condition.isOfRegisters() && !condition.readsMemory();
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

    /// Whoever is asked is told where the paths of a call lead: then it has been looked at.
    private void checkPerformed(Rule rule, AuditMode audit) {
      if (performer.isPresent()) {
        return;
      }
      boolean asks = rule.action() instanceof Action.Ask;
      boolean looked = firstReader >= 0 || PathParameter.isIn(kind.name());
      if (asks && looked) {
        error(
            rule.location(),
            "sluice cannot perform "
                + kind.name()
                + " itself, so what was said yes to could be exchanged before the kernel looks"
                + " again; leave it out, or have a rule before this one decide it");
        complained = true;
      } else if (audit == AuditMode.EXACT
          && (asks || rules.verdict(rule) instanceof Verdict.Continue)) {
        error(
            rule.location(),
            "'audit: exact' has a call performed, and sluice cannot perform "
                + kind.name()
                + "; use 'audit: always'");
        complained = true;
      }
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
      } else if (KernelActions.isKernelOnly(action) && policy.dynamic().contains(kind.name())) {
        error(
            at,
            "only the kernel can '"
                + action.keyword()
                + "', and 'dynamic' leaves "
                + kind.name()
                + " to the supervisor; use deny, or kill: process");
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
        mode = kernelAction == Seccomp.RET_ALLOW && firstReader < 0 ? AuditMode.NEVER : audit;
        kernelAction = Seccomp.RET_USER_NOTIF;
      }
      steps.add(
          new Step(
              condition,
              new Decision(rule, location, action.keyword(), verdict, mode, kernelAction, limit)));
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
