package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.policy.condition.Condition;
import dev.sluice.supervisor.policy.condition.Condition.Constant;
import dev.sluice.supervisor.policy.condition.ConditionCompiler;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.CallKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The rules of a policy, each with its condition for every call it is about, and with what it
/// does.
final class CompiledRules {
  private record Key(Rule rule, Arch arch, String call) {}

  private final Policy policy;
  private final Emulations emulations;
  private final List<Diagnostic> diagnostics;
  private final Map<Key, Condition> conditions = new HashMap<>();
  private final Map<Rule, Verdict> verdicts = new HashMap<>();
  private final Map<String, List<Rule>> byCall = new HashMap<>();

  CompiledRules(
      Policy policy,
      Emulations emulations,
      Map<String, String> environment,
      List<Diagnostic> diagnostics) {
    this.policy = policy;
    this.emulations = emulations;
    this.diagnostics = diagnostics;
    var compiler = new ConditionCompiler(policy.vars(), environment.getOrDefault("HOME", "/"));
    for (Rule rule : policy.rules()) {
      compileCondition(rule, compiler);
      verdictOf(rule).ifPresent(verdict -> verdicts.put(rule, verdict));
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
    return conditions.getOrDefault(new Key(rule, kind.arch(), kind.name()), Constant.FALSE);
  }

  /// What a rule does once the supervisor is asked.
  Verdict verdict(Rule rule) {
    return verdicts.getOrDefault(rule, Verdict.KILL);
  }

  AuditMode auditOf(Rule rule) {
    return rule.audit().orElseGet(() -> policy.auditOf(rule.action()));
  }

  /// Whether where a path leads decides anything.
  boolean decideByPaths() {
    return conditions.values().stream().anyMatch(Condition::readsPaths);
  }

  /// Whether the kernel cannot do it all by itself.
  boolean needListener() {
    Action otherwise = policy.otherwise();
    return KernelActions.of(otherwise, policy.auditOf(otherwise)) == Seccomp.RET_USER_NOTIF
        || policy.rules().stream()
            .anyMatch(
                rule -> KernelActions.of(rule.action(), auditOf(rule)) == Seccomp.RET_USER_NOTIF)
        || conditions.values().stream().anyMatch(condition -> !condition.isOfRegisters());
  }

  private void compileCondition(Rule rule, ConditionCompiler compiler) {
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
          .compile(rule.when().get(), kinds, diagnostics)
          .ifPresent(compiled -> {
            for (int i = 0; i < kinds.size(); i++) {
              remember(rule, kinds.get(i), compiled.get(i));
            }
          });
    }
  }

  private void remember(Rule rule, CallKind kind, Condition condition) {
    conditions.put(new Key(rule, kind.arch(), kind.name()), condition);
  }

  private Optional<Verdict> verdictOf(Rule rule) {
    return switch (rule.action()) {
      case Action.Allow _ when rule.unsafeContinue() -> Optional.of(Verdict.CONTINUE_UNSAFELY);
      case Action.Allow _, Action.Log _ -> Optional.of(Verdict.CONTINUE);
      case Action.Deny(int errno) -> Optional.of(Verdict.Fail.of(errno));
      case Action.Return(long value) -> Optional.of(Verdict.Return.of(value));
      case Action.Ask ask -> Optional.of(new Verdict.Emulate(emulations.asking(ask)));
      case Action.Emulate emulate -> emulation(rule, emulate);
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

  private Optional<Verdict> error(Rule rule, String message) {
    diagnostics.add(Diagnostic.error(rule.location(), message));
    return Optional.empty();
  }
}
