package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.bpf.Program;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.policy.CallPlan.Step;
import dev.sluice.supervisor.policy.CallPlan.Watch;
import dev.sluice.supervisor.policy.condition.Condition;
import dev.sluice.supervisor.policy.condition.ConditionCompiler;
import dev.sluice.supervisor.policy.condition.NumberValue;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.CallKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Makes a policy ready for use, or says everything that is wrong with it.
public final class PolicyCompiler {
  private static final String DEFAULT = "default";
  private static final String GUARD = "guard";

  private final Emulations emulations;
  private final Map<String, String> environment;
  private final List<Diagnostic> diagnostics = new ArrayList<>();

  /// The conditions of each rule, by architecture and call.
  private record Key(Rule rule, Arch arch, String call) {}

  private final Map<Key, Condition> conditions = new HashMap<>();
  private final Map<Rule, Verdict> verdicts = new HashMap<>();

  private PolicyCompiler(Emulations emulations, Map<String, String> environment) {
    this.emulations = emulations;
    this.environment = environment;
  }

  /// Reads and compiles the policy in `file`.
  ///
  /// @param environment what `${NAME}` stands for; `HOME` is what `~` stands for
  /// @throws PolicyException with every error that was found
  public static CompiledPolicy compile(
      Path file, Emulations emulations, Map<String, String> environment) throws PolicyException {
    var compiler = new PolicyCompiler(emulations, environment);
    return compiler.compile(PolicyReader.read(file, environment, compiler.diagnostics));
  }

  /// The same for a policy that is not in a file; `name` stands for it in diagnostics.
  public static CompiledPolicy compile(
      String name, String text, Emulations emulations, Map<String, String> environment)
      throws PolicyException {
    var compiler = new PolicyCompiler(emulations, environment);
    return compiler.compile(PolicyReader.read(name, text, environment, compiler.diagnostics));
  }

  private CompiledPolicy compile(Optional<Policy> read) throws PolicyException {
    if (read.isEmpty()) {
      throw new PolicyException(diagnostics);
    }
    Policy policy = read.get();
    compileRules(policy);
    throwErrors();
    boolean notifies = needsListener(policy);
    var plans = new EnumMap<Arch, @Nullable CallPlan[]>(Arch.class);
    for (Arch arch : policy.architectures()) {
      plans.put(arch, plansOf(policy, arch, notifies));
    }
    throwErrors();
    var table = new DecisionTable(plans);
    return new CompiledPolicy(
        policy, filter(policy, table, notifies), table, notifies, diagnostics);
  }

  private void throwErrors() throws PolicyException {
    if (diagnostics.stream().anyMatch(Diagnostic::isError)) {
      throw new PolicyException(diagnostics);
    }
  }

  private void compileRules(Policy policy) {
    var compiler = new ConditionCompiler(policy.vars(), environment.getOrDefault("HOME", "/"));
    for (Rule rule : policy.rules()) {
      List<CallKind> kinds = kindsOf(rule, policy);
      if (rule.when().isPresent() && !kinds.isEmpty()) {
        compiler
            .compile(rule.when().get(), kinds, diagnostics)
            .ifPresent(compiled -> remember(rule, kinds, compiled));
      } else {
        remember(rule, kinds, kinds.stream().map(_ -> Condition.TRUE).toList());
      }
      verdictOf(rule).ifPresent(verdict -> verdicts.put(rule, verdict));
    }
  }

  private static List<CallKind> kindsOf(Rule rule, Policy policy) {
    var kinds = new ArrayList<CallKind>();
    for (Arch arch : policy.architectures()) {
      for (String call : rule.calls()) {
        arch.number(call).ifPresent(nr -> kinds.add(CallKind.of(arch, nr)));
      }
    }
    return kinds;
  }

  private void remember(Rule rule, List<CallKind> kinds, List<Condition> compiled) {
    for (int i = 0; i < kinds.size(); i++) {
      CallKind kind = kinds.get(i);
      conditions.put(new Key(rule, kind.arch(), kind.name()), compiled.get(i));
    }
  }

  private Optional<Verdict> verdictOf(Rule rule) {
    return switch (rule.action()) {
      case Action.Allow _ when rule.unsafeContinue() -> Optional.of(Verdict.CONTINUE_UNSAFELY);
      case Action.Allow _, Action.Log _ -> Optional.of(Verdict.CONTINUE);
      case Action.Deny(int errno) -> Optional.of(Verdict.Fail.of(errno));
      case Action.Return(long value) -> Optional.of(Verdict.Return.of(value));
      case Action.Kill _ -> Optional.of(Verdict.KILL);
      case Action.Ask(var timeout, int otherwise) ->
          Optional.of(new Verdict.Emulate(emulations.asking(timeout, otherwise)));
      case Action.Emulate emulate -> emulation(rule, emulate);
      // decided by the kernel, or an error: see checkOrder
      case Action.Trap _, Action.Trace _ -> Optional.of(Verdict.KILL);
    };
  }

  private Optional<Verdict> emulation(Rule rule, Action.Emulate action) {
    var calls = emulations.callsOf(action.handler());
    if (calls.isEmpty()) {
      error(
          rule,
          "unknown handler '"
              + action.handler()
              + "'"
              + Suggestion.closest(action.handler(), emulations.names())
                  .map(best -> "; did you mean '" + best + "'?")
                  .orElse("; there are " + String.join(", ", emulations.names())));
      return Optional.empty();
    }
    for (String call : rule.calls()) {
      if (!calls.get().contains(call)) {
        error(
            rule,
            "the handler '"
                + action.handler()
                + "' does not serve "
                + call
                + ", but "
                + String.join(", ", calls.get().stream().sorted().toList()));
        return Optional.empty();
      }
    }
    try {
      return Optional.of(
          new Verdict.Emulate(emulations.create(action.handler(), action.options())));
    } catch (IllegalArgumentException e) {
      error(rule, "the handler '" + action.handler() + "': " + e.getMessage());
      return Optional.empty();
    }
  }

  private void error(Rule rule, String message) {
    diagnostics.add(Diagnostic.error(rule.location(), message));
  }

  /// Whether any call of the policy's own rules has to be notified.
  private boolean needsListener(Policy policy) {
    if (auditOf(policy, Optional.empty(), policy.otherwise()).demandsRecord()) {
      return true;
    }
    return policy.rules().stream()
        .anyMatch(rule ->
            kernelAction(rule.action(), auditOf(policy, rule.audit(), rule.action()))
                    == Seccomp.RET_USER_NOTIF
                || conditions.entrySet().stream()
                    .anyMatch(entry ->
                        entry.getKey().rule.equals(rule) && !isOfRegisters(entry.getValue())));
  }

  private boolean decidesByPaths() {
    return conditions.values().stream().anyMatch(Condition::readsPaths);
  }

  /// Whether the kernel can evaluate a condition.
  private static boolean isOfRegisters(Condition condition) {
    return switch (condition) {
      case Condition.Constant _ -> true;
      case Condition.Not(Condition operand) -> isOfRegisters(operand);
      case Condition.And(Condition left, Condition right) ->
          isOfRegisters(left) && isOfRegisters(right);
      case Condition.Or(Condition left, Condition right) ->
          isOfRegisters(left) && isOfRegisters(right);
      case Condition.NumberTest test -> test.value() instanceof NumberValue.Register;
      case Condition.TextTest _ -> false;
    };
  }

  private static AuditMode auditOf(Policy policy, Optional<AuditMode> ofRule, Action action) {
    return ofRule.orElseGet(() -> policy.auditOf(action));
  }

  /// What the kernel may do by itself when registers lead to this action.
  private static int kernelAction(Action action, AuditMode audit) {
    if (audit.demandsRecord()) {
      return Seccomp.RET_USER_NOTIF;
    }
    return switch (action) {
      case Action.Allow _ -> Seccomp.RET_ALLOW;
      case Action.Log _ -> Seccomp.RET_LOG;
      case Action.Trap _ -> Seccomp.RET_TRAP;
      case Action.Trace(int value) -> Seccomp.RET_TRACE | value;
      case Action.Kill(var scope) ->
          scope == Action.Kill.Scope.THREAD ? Seccomp.RET_KILL_THREAD : Seccomp.RET_KILL_PROCESS;
      case Action.Deny _, Action.Return _ ->
          action
              .kernelErrno()
              .map(errno -> Seccomp.RET_ERRNO | errno)
              .orElse(Seccomp.RET_USER_NOTIF);
      case Action.Emulate _, Action.Ask _ -> Seccomp.RET_USER_NOTIF;
    };
  }

  private @Nullable CallPlan[] plansOf(Policy policy, Arch arch, boolean notifies) {
    var byCall = new HashMap<String, List<Rule>>();
    for (Rule rule : policy.rules()) {
      rule.calls().forEach(call -> byCall.computeIfAbsent(call, _ -> new ArrayList<>()).add(rule));
    }
    var plans = new @Nullable CallPlan[arch.limit()];
    arch.numbers()
        .forEach((call, nr) ->
            plans[nr] =
                plan(
                    policy, CallKind.of(arch, nr), byCall.getOrDefault(call, List.of()), notifies));
    return plans;
  }

  private CallPlan plan(Policy policy, CallKind kind, List<Rule> rules, boolean notifies) {
    Watch watch = notifies ? Guards.watchOf(kind.name()) : Watch.NONE;
    var steps = new ArrayList<Step>();
    boolean memory = false;
    boolean unsafe = false;
    for (Rule rule : rules) {
      Condition condition = conditions.get(new Key(rule, kind.arch(), kind.name()));
      if (condition == null || condition.equals(Condition.FALSE)) {
        continue;
      }
      memory |= condition.readsMemory();
      unsafe |= rule.unsafeContinue() && condition.readsMemory();
      AuditMode audit = auditOf(policy, rule.audit(), rule.action());
      checkOrder(kind, rule, memory, audit);
      Verdict verdict = verdicts.getOrDefault(rule, Verdict.KILL);
      steps.add(new Step(condition, decision(rule.name(), rule.action(), verdict, audit, watch)));
      if (condition.equals(Condition.TRUE)) {
        return finish(policy, kind, rules, steps, memory, unsafe, watch);
      }
    }
    boolean named = rules.stream().anyMatch(rule -> rule.named().contains(kind.name()));
    if (notifies && !named) {
      addGuards(kind, steps, decidesByPaths());
    }
    Action otherwise = policy.otherwise();
    AuditMode audit = auditOf(policy, Optional.empty(), otherwise);
    Verdict verdict = unsafe ? Verdict.CONTINUE_UNSAFELY : Verdict.CONTINUE;
    if (otherwise instanceof Action.Deny(int errno)) {
      verdict = Verdict.Fail.of(errno);
    } else if (!(otherwise instanceof Action.Allow || otherwise instanceof Action.Log)) {
      verdict = Verdict.KILL;
    }
    steps.add(new Step(Condition.TRUE, decision(DEFAULT, otherwise, verdict, audit, watch)));
    return finish(policy, kind, rules, steps, memory, unsafe, watch);
  }

  private static Decision decision(
      String rule, Action action, Verdict verdict, AuditMode audit, Watch watch) {
    int kernelAction = kernelAction(action, audit);
    if (kernelAction == Seccomp.RET_ALLOW && watch != Watch.NONE) {
      // notified for our own sake
      return new Decision(rule, action.keyword(), verdict, AuditMode.NEVER, Seccomp.RET_USER_NOTIF);
    }
    return new Decision(rule, action.keyword(), verdict, audit, kernelAction);
  }

  private static void addGuards(CallKind kind, List<Step> steps, boolean byPaths) {
    if (kind.name().equals("seccomp")) {
      // a listener of its own could let calls continue that we mediate
      Condition newListener =
          Condition.and(
              test(0, -1, Seccomp.SET_MODE_FILTER),
              test(1, Seccomp.FILTER_FLAG_NEW_LISTENER, Seccomp.FILTER_FLAG_NEW_LISTENER));
      steps.add(new Step(newListener, guard(Errno.EBUSY)));
    }
    Guards.errnoOf(kind.name(), byPaths)
        .ifPresent(errno -> steps.add(new Step(Condition.TRUE, guard(errno))));
  }

  private static Condition test(int register, long mask, long constant) {
    return new Condition.NumberTest(
        new NumberValue.Register(register, false, false), mask, Condition.Comparison.EQ, constant);
  }

  private static Decision guard(Errno errno) {
    var deny = new Action.Deny(errno.number());
    return decision(
        GUARD, deny, Verdict.Fail.of(errno.number()), AuditMode.WHEN_NOTIFIED, Watch.NONE);
  }

  /// Actions that only the kernel can take must not come after a look at memory.
  private void checkOrder(CallKind kind, Rule rule, boolean memory, AuditMode audit) {
    boolean kernelOnly =
        switch (rule.action()) {
          case Action.Trap _, Action.Trace _ -> true;
          case Action.Kill(var scope) -> scope == Action.Kill.Scope.THREAD;
          default -> false;
        };
    if (kernelOnly && (memory || audit.demandsRecord())) {
      error(
          rule,
          "only the kernel can '"
              + rule.action().keyword()
              + "', and it cannot evaluate what decides "
              + kind.name()
              + " here; use deny, or kill: process");
    }
  }

  private CallPlan finish(
      Policy policy,
      CallKind kind,
      List<Rule> rules,
      List<Step> steps,
      boolean memory,
      boolean unsafe,
      Watch watch) {
    var performer = emulations.performerOf(kind.name());
    if (memory && performer.isEmpty() && !unsafe && mayContinue(steps)) {
      error(
          readerOf(kind, rules),
          "sluice cannot perform "
              + kind.name()
              + " itself, so what this rule looks at could be exchanged before the kernel looks"
              + " again; leave "
              + kind.name()
              + " out, decide by registers, or accept the race with 'unsafe: continue'");
    }
    if (unsafe && policy.requireEmulated()) {
      error(
          readerOf(kind, rules),
          "the policy says 'require: emulated', but this rule accepts a race for " + kind.name());
    }
    return new CallPlan(kind, List.copyOf(steps), performer, watch);
  }

  private static boolean mayContinue(List<Step> steps) {
    return steps.stream().anyMatch(step -> step.decision().verdict() instanceof Verdict.Continue);
  }

  private Rule readerOf(CallKind kind, List<Rule> rules) {
    return rules.stream()
        .filter(rule -> {
          Condition condition = conditions.get(new Key(rule, kind.arch(), kind.name()));
          return condition != null && condition.readsMemory();
        })
        .findFirst()
        .orElseThrow();
  }

  private Program filter(Policy policy, DecisionTable table, boolean notifies)
      throws PolicyException {
    int unknownCall = kernelAction(policy.otherwise(), AuditMode.WHEN_NOTIFIED);
    if (notifies && unknownCall == Seccomp.RET_ALLOW) {
      // a call that is newer than our tables may be a way around them
      unknownCall = Seccomp.RET_ERRNO | Errno.ENOSYS.number();
    }
    try {
      return FilterCompiler.compile(table, policy.architectures(), unknownCall);
    } catch (IllegalArgumentException tooLarge) {
      diagnostics.add(
          Diagnostic.error(policy.location(), "the filter is too large: " + tooLarge.getMessage()));
      throw new PolicyException(diagnostics);
    }
  }
}
