package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.bpf.Node;
import dev.sluice.supervisor.syscall.Arch;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;

/// Says what makes a filter large.
final class FilterSize {
  private final Policy policy;
  private final DecisionTable table;
  private final Unlisted unlisted;

  FilterSize(Policy policy, DecisionTable table, Unlisted unlisted) {
    this.policy = policy;
    this.table = table;
    this.unlisted = unlisted;
  }

  /// The diagnostic of a filter that is too large, where the rules begin that make it so.
  ///
  /// @param size how large it is, and how large it may be
  Diagnostic complaint(String size) {
    String call = largest().call;
    List<Rule> rules = policy.rules().stream().filter(rule -> rule.calls().contains(call)).toList();
    return Diagnostic.error(
        rules.isEmpty() ? policy.location() : rules.getFirst().location(),
        "the filter is too large: %s. The rules about %s need most of them: there have to be fewer"
                .formatted(size, call)
            + " that differ in registers, or they have to compare with ranges");
  }

  /// How many comparisons the filter makes of the rules about a call.
  private record Part(String call, int comparisons) {}

  private Part largest() {
    return policy.architectures().stream()
        .flatMap(this::plans)
        .map(plan -> new Part(plan.kind().name(), comparisons(plan)))
        .max(Comparator.comparingInt(Part::comparisons))
        .orElseThrow();
  }

  private Stream<CallPlan> plans(Arch arch) {
    return arch.numbers().values().stream()
        .flatMap(nr -> Stream.ofNullable(table.planOf(arch, nr)));
  }

  private int comparisons(CallPlan plan) {
    var seen = new HashSet<Node>();
    var waiting = new ArrayDeque<>(List.of(FilterCompiler.graph(table, unlisted, plan)));
    while (!waiting.isEmpty()) {
      if (waiting.pop() instanceof Node.Test test && seen.add(test)) {
        waiting.push(test.yes());
        waiting.push(test.no());
      }
    }
    return seen.size();
  }
}
