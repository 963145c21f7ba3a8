package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.policy.condition.Condition;
import dev.sluice.supervisor.policy.condition.Condition.Constant;
import dev.sluice.supervisor.policy.condition.ConditionCompiler;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.CallKind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// The rules of a policy, each with its condition for every call it is about, and with what it
/// does.
final class CompiledRules {
  /// The word in records for what a limit does.
  private static final String LIMIT = "limit";

  /// A rule, which has its place for itself, and a call it is about.
  private record Key(Location rule, Arch arch, String call) {}

  private final Policy policy;
  private final Emulations emulations;
  private final List<Diagnostic> diagnostics;
  private final Map<Key, Condition> conditions = new HashMap<>();
  private final Map<Location, Verdict> verdicts = new HashMap<>();
  private final Map<Location, TokenBucket> buckets = new HashMap<>();
  private final Map<String, String> environment;
  private final Map<String, List<Rule>> byCall = new HashMap<>();
  private final ConditionCompiler compiler;

  CompiledRules(
      Policy policy,
      Emulations emulations,
      Map<String, String> environment,
      Optional<Container> container,
      List<Diagnostic> diagnostics) {
    this.policy = policy;
    this.emulations = emulations;
    this.environment = environment;
    this.diagnostics = diagnostics;
    this.compiler =
        new ConditionCompiler(policy.vars(), environment.getOrDefault("HOME", ""), container);
    for (Rule rule : policy.rules()) {
      ImpliedCalls.check(rule, diagnostics);
      compileCondition(rule);
      if (compiler.isSpent()) {
        return;
      }
      verdictOf(rule).ifPresent(verdict -> verdicts.put(rule.location(), verdict));
      rule.limit()
          .ifPresent(
              limit -> buckets.put(rule.location(), new TokenBucket(limit, System.nanoTime())));
      for (String call : rule.calls()) {
        byCall.computeIfAbsent(call, _ -> new ArrayList<>()).add(rule);
      }
    }
  }

  /// The rules that are about a call, in their order.
  List<Rule> about(String call) {
    return byCall.getOrDefault(call, List.of());
  }

  /// When a rule holds for a call; never, if there is no such call or an error.
  Condition conditionOf(Rule rule, CallKind kind) {
    return conditions.getOrDefault(
        new Key(rule.location(), kind.arch(), kind.name()), Constant.FALSE);
  }

  /// What a rule does once the supervisor is asked.
  Verdict verdict(Rule rule) {
    return verdicts.getOrDefault(rule.location(), Verdict.KILL);
  }

  /// What the limit of a rule makes of its decision.
  Optional<Limited> limitOf(Rule rule, AuditMode audit) {
    TokenBucket bucket = buckets.get(rule.location());
    return bucket == null
        ? Optional.empty()
        : rule.limit()
            .map(limit ->
                new Limited(
                    limit,
                    bucket,
                    new Decision(
                        rule.name(),
                        rule.location(),
                        LIMIT,
                        Verdict.Fail.of(limit.otherwise()),
                        audit,
                        Seccomp.RET_USER_NOTIF)));
  }

  AuditMode auditOf(Rule rule) {
    return rule.audit().orElseGet(() -> policy.auditOf(rule.action()));
  }

  /// Whether where a path leads decides anything.
  boolean decideByPaths() {
    return conditions.values().stream().anyMatch(Condition::readsPaths)
        || isAskedAbout(Action.Ask::showsPath);
  }

  /// Whether the path of the program decides anything, or may in a later version: the kernel closes
  /// what leads around that, rather than that all of it is notified.
  boolean mayDecideByPrograms() {
    return !policy.dynamic().isEmpty()
        || conditions.values().stream().anyMatch(Condition::readsPrograms);
  }

  /// Whether the address of a socket decides anything.
  boolean decideByAddresses() {
    return conditions.values().stream().anyMatch(Condition::readsAddresses)
        || isAskedAbout(Action.Ask::showsAddress);
  }

  private boolean isAskedAbout(Predicate<String> call) {
    return policy.rules().stream()
        .filter(rule -> rule.action() instanceof Action.Ask)
        .flatMap(rule -> rule.calls().stream())
        .anyMatch(call);
  }

  /// Whether the kernel cannot do it all by itself.
  boolean needListener() {
    Action otherwise = policy.otherwise();
    return KernelActions.of(otherwise, policy.auditOf(otherwise), false) == Seccomp.RET_USER_NOTIF
        || policy.rules().stream().anyMatch(rule -> isNotified(rule) || hidesNames(rule))
        || conditions.values().stream().anyMatch(condition -> !condition.isOfRegisters());
  }

  /// Whether they are the same for every container, and nothing that one does shows in another.
  boolean areForAll() {
    return !compiler.asksOfContainer()
        && buckets.isEmpty()
        && verdicts.values().stream()
            .noneMatch(
                verdict -> verdict instanceof Verdict.Emulate(Emulation by) && by.remembers());
  }

  private boolean isNotified(Rule rule) {
    return KernelActions.of(rule.action(), auditOf(rule), rule.limit().isPresent())
        == Seccomp.RET_USER_NOTIF;
  }

  /// The first rule that takes names out of directories.
  Optional<Rule> hiding() {
    return policy.rules().stream().filter(CompiledRules::hidesNames).findFirst();
  }

  private static boolean hidesNames(Rule rule) {
    return rule.action() instanceof Action.Hide && rule.calls().contains(HiddenNames.STATUS);
  }

  private void compileCondition(Rule rule) {
    var kinds = new ArrayList<CallKind>();
    for (Arch arch : policy.architectures()) {
      for (String call : rule.calls()) {
        CallKind.named(arch, call).ifPresent(kinds::add);
      }
    }
    if (rule.when().isEmpty()) {
      kinds.forEach(kind -> remember(rule, kind, Constant.TRUE));
    } else if (!kinds.isEmpty()) {
      compiler
          .compile(rule.when().get(), kinds, isOfAllPaths(rule.action()), diagnostics)
          .ifPresent(compiled -> {
            for (int i = 0; i < kinds.size(); i++) {
              remember(rule, kinds.get(i), compiled.get(i));
            }
          });
    }
  }

  /// Whether its condition has to hold for all paths of a call: it lets the call take place.
  private static boolean isOfAllPaths(Action action) {
    return action instanceof Action.Allow || action instanceof Action.Log;
  }

  private void remember(Rule rule, CallKind kind, Condition condition) {
    conditions.put(new Key(rule.location(), kind.arch(), kind.name()), condition);
  }

  private Optional<Verdict> verdictOf(Rule rule) {
    return switch (rule.action()) {
      case Action.Allow _, Action.Log _ -> Optional.of(Verdict.CONTINUE);
      case Action.Deny(int errno) -> Optional.of(Verdict.Fail.of(errno));
      case Action.Return(long value) -> Optional.of(Verdict.Return.of(value));
      case Action.Ask ask -> Optional.of(new Verdict.Emulate(emulations.asking(ask)));
      case Action.Emulate emulate -> emulation(rule, emulate);
      case Action.Hide _ -> Optional.of(new Verdict.Emulate(new Hiding()));
      case Action.Serve serve -> serving(serve);
      // the supervisor is never asked about the last two: PlanCompiler sees to that
      case Action.Kill _, Action.Trap _, Action.Trace _ -> Optional.of(Verdict.KILL);
    };
  }

  private Optional<Verdict> emulation(Rule rule, Action.Emulate action) {
    String handler = action.handler();
    var calls = emulations.callsOf(handler);
    if (calls.isEmpty()) {
      String hint =
          Suggestion.closest(handler, emulations.names())
              .map(best -> "; did you mean '" + best + "'?")
              .orElse("; there are " + String.join(", ", emulations.names()));
      return error(rule, "unknown handler '" + handler + "'" + hint);
    }
    for (String call : rule.calls()) {
      if (!calls.get().contains(call)) {
        String served = String.join(", ", calls.get().stream().sorted().toList());
        return error(
            rule, "the handler '" + handler + "' does not serve " + call + ", but " + served);
      }
    }
    try {
      return Optional.of(new Verdict.Emulate(emulations.create(handler, action.options())));
    } catch (IllegalArgumentException e) {
      return error(rule, "the handler '" + handler + "': " + e.getMessage());
    }
  }

  private Optional<Verdict> serving(Action.Serve serve) {
    try {
      Template content =
          switch (serve.source()) {
            case CONTENT -> Template.of(serve.text().getBytes(StandardCharsets.UTF_8));
            case FILE -> Template.of(FileContent.read(serve, environment));
            case TEMPLATE -> Template.parse(serve.text(), policy.vars(), environment);
          };
      return Optional.of(new Verdict.Emulate(emulations.serving(content)));
    } catch (IllegalArgumentException e) {
      diagnostics.add(Diagnostic.error(serve.location(), String.valueOf(e.getMessage())));
      return Optional.empty();
    }
  }

  private Optional<Verdict> error(Rule rule, String message) {
    diagnostics.add(Diagnostic.error(rule.location(), message));
    return Optional.empty();
  }
}
