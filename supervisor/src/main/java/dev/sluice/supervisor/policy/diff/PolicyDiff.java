package dev.sluice.supervisor.policy.diff;

import dev.sluice.supervisor.bpf.Divergence;
import dev.sluice.supervisor.bpf.SeccompData;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.policy.CallPlan;
import dev.sluice.supervisor.policy.CallPlan.Step;
import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.condition.ConditionText;
import dev.sluice.supervisor.policy.diff.Change.Difference;
import dev.sluice.supervisor.policy.diff.Change.Outcome;
import dev.sluice.supervisor.policy.explain.ArchName;
import dev.sluice.supervisor.policy.explain.CallReader;
import dev.sluice.supervisor.policy.explain.DescribedCall;
import dev.sluice.supervisor.policy.explain.DescribedTask;
import dev.sluice.supervisor.policy.explain.Explainer;
import dev.sluice.supervisor.policy.explain.Explanation;
import dev.sluice.supervisor.policy.explain.UndescribedException;
import dev.sluice.supervisor.policy.explain.VerdictText;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.CallKind;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Which calls two policies decide differently, each with an example.
///
/// Where rules about a call are not the same in both, calls are made up that lie on either side of
/// everything the conditions compare with, and decided by both policies. Filters that decide by
/// themselves are followed on every way through both besides.
public final class PolicyDiff {
  private record Key(Arch arch, List<String> outcomes) {}

  private final CompiledPolicy before;
  private final CompiledPolicy after;
  private final Divergence.Finder finder;
  private final Map<Key, Change> changes = new LinkedHashMap<>();

  private PolicyDiff(CompiledPolicy before, CompiledPolicy after) {
    this.before = before;
    this.after = after;
    finder =
        new Divergence.Finder(
            before.filter(),
            after.filter(),
            (first, second) ->
                first == second
                    || first == Seccomp.RET_USER_NOTIF
                    || second == Seccomp.RET_USER_NOTIF);
  }

  /// The changes from one policy to another; none if every call gets the same verdict.
  public static List<Change> of(CompiledPolicy before, CompiledPolicy after) {
    var diff = new PolicyDiff(before, after);
    var architectures = EnumSet.copyOf(before.policy().architectures());
    architectures.addAll(after.policy().architectures());
    for (Arch arch : architectures) {
      for (String call : arch.numbers().keySet()) {
        diff.compare(CallKind.named(arch, call).orElseThrow());
      }
    }
    var changes = new ArrayList<>(diff.changes.values());
    changes.addAll(diff.unlisted());
    return changes;
  }

  private void compare(CallKind kind) {
    CallPlan planBefore = before.table().planOf(kind.arch(), kind.nr());
    CallPlan planAfter = after.table().planOf(kind.arch(), kind.nr());
    if (planBefore != null && planAfter != null && chain(planBefore).equals(chain(planAfter))) {
      return;
    }
    var differences = new LinkedHashMap<List<String>, Difference>();
    for (DescribedCall call : Examples.of(kind, planBefore, planAfter)) {
      decide(call)
          .ifPresent(difference -> differences.putIfAbsent(difference.outcomes(), difference));
    }
    boolean isCertain = isOfRegisters(planBefore) && isOfRegisters(planAfter);
    if (differences.isEmpty()) {
      try {
        byFilters(kind).ifPresent(found -> differences.put(found.outcomes(), found));
      } catch (Divergence.TooComplex | IllegalArgumentException e) {
        isCertain = false;
      }
    }
    if (!differences.isEmpty() || !isCertain) {
      add(kind, List.copyOf(differences.values()));
    }
  }

  private void add(CallKind kind, List<Difference> differences) {
    var outcomes = new ArrayList<String>();
    differences.forEach(difference -> outcomes.addAll(difference.outcomes()));
    changes
        .computeIfAbsent(
            new Key(kind.arch(), outcomes),
            _ -> new Change(ArchName.of(kind.arch()), new ArrayList<>(), differences))
        .calls()
        .add(kind.name());
  }

  /// The rules about a call in words, but for their names and places.
  private static List<String> chain(CallPlan plan) {
    var text = new ConditionText(plan.kind(), Optional.empty());
    return plan.steps().stream()
        .map(step -> text.of(step.condition()) + ": " + VerdictText.of(step.decision()))
        .toList();
  }

  private Optional<Difference> decide(DescribedCall call) {
    try {
      Explanation first = new Explainer(before).decide(call);
      Explanation second = new Explainer(after).decide(call);
      return first.verdict().equals(second.verdict())
          ? Optional.empty()
          : Optional.of(
              new Difference(Outcome.of(first), Outcome.of(second), call + of(call.task())));
    } catch (UndescribedException e) {
      return Optional.empty(); // one of the other examples says it
    }
  }

  private static String of(DescribedTask task) {
    return task.toString().isEmpty() ? "" : " of a task with " + task;
  }

  private Optional<Difference> byFilters(CallKind kind) {
    return finder
        .find(kind.arch().audit(), kind.nr())
        .flatMap(divergence -> decide(describe(kind, divergence.call())));
  }

  private static DescribedCall describe(CallKind kind, SeccompData call) {
    var words = new ArrayList<String>();
    for (int i = 0; i < SeccompData.ARGS; i++) {
      words.add("args[" + i + "]=0x" + Long.toHexString(call.args().get(i)));
    }
    return CallReader.read(kind.arch(), kind.name(), words, DescribedTask.UNKNOWN, "/");
  }

  /// Whether following the filters says all there is to say.
  private static boolean isOfRegisters(@Nullable CallPlan plan) {
    return plan == null
        || plan.steps().stream()
            .allMatch(step -> step.condition().isOfRegisters() && !isNotified(step));
  }

  private static boolean isNotified(Step step) {
    return step.decision().kernelAction() == Seccomp.RET_USER_NOTIF;
  }

  private List<Change> unlisted() {
    var all = new ArrayList<Change>();
    unlisted("calls without a name", before.unlisted().number(), after.unlisted().number())
        .ifPresent(all::add);
    unlisted(
            "calls of other ABIs",
            before.unlisted().architecture(),
            after.unlisted().architecture())
        .ifPresent(all::add);
    unlisted("calls of x32", before.unlisted().x32(), after.unlisted().x32()).ifPresent(all::add);
    return all;
  }

  private static Optional<Change> unlisted(String what, int first, int second) {
    String was = VerdictText.of(first);
    String is = VerdictText.of(second);
    return Objects.equals(was, is)
        ? Optional.empty()
        : Optional.of(
            new Change(
                what,
                List.of(),
                List.of(new Difference(new Outcome(was, ""), new Outcome(is, ""), ""))));
  }
}
