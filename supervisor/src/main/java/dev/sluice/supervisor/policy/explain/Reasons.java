package dev.sluice.supervisor.policy.explain;

import dev.sluice.supervisor.policy.CallPlan.Step;
import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.Guards;
import dev.sluice.supervisor.policy.Policy;
import dev.sluice.supervisor.policy.PolicyCompiler;
import dev.sluice.supervisor.policy.Quoted;
import dev.sluice.supervisor.policy.Rule;
import dev.sluice.supervisor.policy.condition.Condition;
import dev.sluice.supervisor.policy.condition.Condition.NumberTest;
import dev.sluice.supervisor.policy.condition.Condition.TextTest;
import dev.sluice.supervisor.policy.condition.ConditionText;
import dev.sluice.supervisor.policy.condition.NumberValue;
import dev.sluice.supervisor.policy.condition.TextValue;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Why one step of a plan decides a call, or does not: the parts of its condition that made the
/// difference, and the values they saw.
final class Reasons {
  private final Policy policy;
  private final DescribedCall call;

  Reasons(Policy policy, DescribedCall call) {
    this.policy = policy;
    this.call = call;
  }

  String whyPassedOver(Step step) {
    return "passed over: " + nameOf(step) + ": " + parts(step, false);
  }

  String whyApplied(Step step) {
    String name = "applied: " + nameOf(step);
    String parts = step.condition() instanceof Condition.Constant ? "" : ": " + parts(step, true);
    return switch (step.decision().rule()) {
      case PolicyCompiler.DEFAULT -> name + ": no rule holds";
      case PolicyCompiler.GUARD ->
          name + parts + ": " + Guards.reason(call.kind().name(), step.condition());
      default -> name + (parts.isEmpty() ? ": it always holds" : parts);
    };
  }

  private String nameOf(Step step) {
    Decision decision = step.decision();
    return switch (decision.rule()) {
      case PolicyCompiler.DEFAULT -> "the default (" + decision.location() + ")";
      case PolicyCompiler.GUARD -> "a guard";
      default -> "'" + decision.rule() + "' (" + decision.location() + ")";
    };
  }

  /// Those parts of a condition that are enough for its being what it is.
  private String parts(Step step, boolean holds) {
    var text = new ConditionText(call.kind(), expressionOf(step.decision()));
    var parts = new ArrayList<Condition>();
    collect(step.condition(), holds, text, parts);
    var facts = new LinkedHashSet<String>();
    parts.forEach(part -> facts(part, text, facts));
    return String.join(" and ", parts.stream().map(text::of).toList())
        + (parts.size() == 1
            ? verb(holds, "holds", "does not hold")
            : verb(holds, "hold", "do not" + " hold"))
        + ", as "
        + String.join(", ", facts);
  }

  private static String verb(boolean holds, String yes, String no) {
    return " " + (holds ? yes : no);
  }

  private Optional<String> expressionOf(Decision decision) {
    if (decision.rule().equals(PolicyCompiler.GUARD)) {
      return Optional.of(wordsOfGuards());
    }
    return policy.rules().stream()
        .filter(rule -> rule.location().equals(decision.location()))
        .findFirst()
        .flatMap(Rule::when)
        .map(Rule.When::expression);
  }

  /// What the conditions of a call's guards would be written with.
  private String wordsOfGuards() {
    return switch (call.kind().name()) {
      case "mount" -> "flags fstype MS_REMOUNT MS_BIND MS_MOVE";
      case "seccomp" -> "operation flags SECCOMP_SET_MODE_FILTER SECCOMP_FILTER_FLAG_NEW_LISTENER";
      case "userfaultfd" -> "flags UFFD_USER_MODE_ONLY";
      case "ioctl" -> "op UFFD_USER_MODE_ONLY";
      case "socket" -> "domain type protocol AF_INET AF_INET6 AF_PACKET IPPROTO_SCTP";
      case "setsockopt" ->
          "level optname IPPROTO_IPV6 IP_OPTIONS IPV6_RTHDR IPV6_2292PKTOPTIONS"
              + " IPV6_FLOWLABEL_MGR";
      default -> "";
    };
  }

  private void collect(
      Condition condition, boolean holds, ConditionText text, List<Condition> parts) {
    switch (condition) {
      case Condition.And(Condition left, Condition right) when !text.isNamed(condition) ->
          collectBoth(left, right, holds, true, text, parts);
      case Condition.Or(Condition left, Condition right) when !text.isNamed(condition) ->
          collectBoth(left, right, holds, false, text, parts);
      default -> parts.add(condition);
    }
  }

  /// @param needsBoth the value that the whole has only if both sides have it
  private void collectBoth(
      Condition left,
      Condition right,
      boolean holds,
      boolean needsBoth,
      ConditionText text,
      List<Condition> parts) {
    if (holds == needsBoth) {
      collect(left, holds, text, parts);
      collect(right, holds, text, parts);
    } else {
      boolean leftDoes = Truth.of(left, call).equals(holds ? Truth.TRUE : Truth.FALSE);
      collect(leftDoes ? left : right, holds, text, parts);
    }
  }

  private void facts(Condition condition, ConditionText text, Set<String> facts) {
    switch (condition) {
      case Condition.Not(Condition operand) -> facts(operand, text, facts);
      case Condition.And(Condition left, Condition right) -> {
        facts(left, text, facts);
        facts(right, text, facts);
      }
      case Condition.Or(Condition left, Condition right) -> {
        facts(left, text, facts);
        facts(right, text, facts);
      }
      case NumberTest test when test.value() instanceof NumberValue.OfSupervisor ->
          facts.add("it is described as another's");
      case NumberTest test -> facts.add(text.nameOf(test.value()) + " is " + valueOf(test.value()));
      case TextTest test -> facts.add(text.nameOf(test.value()) + " is " + valueOf(test.value()));
      default -> {}
    }
  }

  private String valueOf(NumberValue value) {
    return call.written(value)
        .orElseGet(() -> {
          try {
            return Long.toString(value.of(call));
          } catch (UndescribedException e) {
            return "not said";
          }
        });
  }

  private String valueOf(TextValue value) {
    try {
      return Quoted.of(value.of(call).toBytes());
    } catch (UndescribedException e) {
      return "not said";
    }
  }
}
