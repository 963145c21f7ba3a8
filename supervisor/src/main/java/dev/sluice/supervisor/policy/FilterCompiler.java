package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.bpf.Assembler;
import dev.sluice.supervisor.bpf.Node;
import dev.sluice.supervisor.bpf.Nodes;
import dev.sluice.supervisor.bpf.Program;
import dev.sluice.supervisor.bpf.SeccompData;
import dev.sluice.supervisor.bpf.Simplifier;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.policy.condition.Condition;
import dev.sluice.supervisor.policy.condition.Condition.NumberTest;
import dev.sluice.supervisor.policy.condition.NumberValue.Register;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.syscall.X32;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// Makes the filter of a decision table: what registers decide is decided by the kernel, what they
/// leave open is notified.
@SuppressWarnings("ReferenceEquality") // of nodes: see Nodes
final class FilterCompiler {
  /// A part of a condition by its identity, and where it leads.
  private record Lowering(Condition condition, Node yes, Node no, Node unknown) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Lowering(Condition c, Node y, Node n, Node u)
          && condition == c
          && yes == y
          && no == n
          && unknown == u;
    }

    @Override
    public int hashCode() {
      return Objects.hash(
          System.identityHashCode(condition),
          System.identityHashCode(yes),
          System.identityHashCode(no),
          System.identityHashCode(unknown));
    }
  }

  /// Many rules about one call often ask the same first. They are simplified while there are few: a
  /// graph of all of them would be too large for it.
  private static final int SIMPLIFIED_TOGETHER = 16;

  private final Nodes nodes = new Nodes();

  /// What has been lowered of the present condition. Both sides of a test lead to the same parts,
  /// which would be lowered twice as often at each level.
  private final Map<Lowering, Node> lowered = new HashMap<>();

  private final Node notify = nodes.give(Seccomp.RET_USER_NOTIF);
  private final Map<Node, Node> simple = new HashMap<>();
  private final DecisionTable table;
  private final Unlisted unlisted;
  private final List<ExactCall> exempt;

  private FilterCompiler(DecisionTable table, Unlisted unlisted, List<ExactCall> exempt) {
    this.table = table;
    this.unlisted = unlisted;
    this.exempt = exempt;
  }

  /// @param exempt calls of the host's architecture that pass
  static Program compile(
      DecisionTable table, Set<Arch> architectures, Unlisted unlisted, List<ExactCall> exempt) {
    var compiler = new FilterCompiler(table, unlisted, exempt);
    Node root = compiler.nodes.give(unlisted.architecture());
    for (Arch arch : architectures) {
      root = compiler.nodes.equal(SeccompData.ARCH, arch.audit(), compiler.calls(arch), root);
    }
    return Assembler.assemble(root);
  }

  /// The calls from one number up to the next range's are decided alike.
  private record Range(int from, Node node) {}

  private Node calls(Arch arch) {
    var ranges = new ArrayList<Range>();
    addRanges(arch, 0, arch.limit(), unlisted.number(), ranges);
    if (arch == Arch.X86_64) {
      addRanges(arch, Arch.X32_BIT, X32.limit(), unlisted.x32(), ranges);
      add(-1, nodes.give(unlisted.none()), ranges);
    }
    return search(ranges);
  }

  /// Adds what is decided from one number up to another, and beyond it.
  private void addRanges(Arch arch, int from, int to, int otherwise, List<Range> ranges) {
    for (int nr = from; nr < to; nr++) {
      CallPlan plan = table.planOf(arch, nr);
      add(nr, plan == null ? nodes.give(otherwise) : call(plan), ranges);
    }
    add(to, nodes.give(otherwise), ranges);
  }

  private Node call(CallPlan plan) {
    // many calls are decided alike
    return simple.computeIfAbsent(
        exempt(plan, decide(plan)), node -> Simplifier.simplify(nodes, node));
  }

  /// How registers decide a call; what they leave open is notified.
  static Node graph(DecisionTable table, Unlisted unlisted, CallPlan plan) {
    return new FilterCompiler(table, unlisted, List.of()).call(plan);
  }

  private static void add(int from, Node node, List<Range> ranges) {
    if (ranges.isEmpty() || ranges.getLast().node != node) {
      ranges.add(new Range(from, node));
    }
  }

  private Node search(List<Range> ranges) {
    if (ranges.size() == 1) {
      return ranges.getFirst().node;
    }
    int half = ranges.size() / 2;
    return nodes.test(
        SeccompData.NR,
        -1,
        Node.Comparison.AT_LEAST,
        ranges.get(half).from,
        search(ranges.subList(half, ranges.size())),
        search(ranges.subList(0, half)));
  }

  private Node exempt(CallPlan plan, Node decided) {
    Node allow = nodes.give(Seccomp.RET_ALLOW);
    Node node = decided;
    if (plan.kind().arch() != Arch.host() || decided == allow) {
      return decided;
    }
    for (ExactCall call : exempt) {
      if (call.name().equals(plan.kind().name())) {
        Node exact = allow;
        for (int i = 0; i < call.registers().size(); i++) {
          var register = new Register(call.first() + i, Long.SIZE, false);
          var test = new NumberTest(register, -1, Condition.Comparison.EQ, call.registers().get(i));
          exact = equal(register, test, exact, node);
        }
        node = exact;
      }
    }
    return node;
  }

  private Node decide(CallPlan plan) {
    List<CallPlan.Step> steps = plan.steps();
    Node node = nodes.give(steps.getLast().decision().kernelAction());
    int added = 0;
    for (CallPlan.Step step : steps.subList(0, steps.size() - 1).reversed()) {
      lowered.clear();
      node = lower(step.condition(), nodes.give(step.decision().kernelAction()), node, notify);
      if (++added % SIMPLIFIED_TOGETHER == 0) {
        node = Simplifier.simplify(nodes, node);
      }
    }
    return node;
  }

  /// The test of a condition.
  ///
  /// @param unknown where to go when registers do not tell
  private Node lower(Condition condition, Node yes, Node no, Node unknown) {
    var key = new Lowering(condition, yes, no, unknown);
    Node known = lowered.get(key);
    if (known == null) {
      known = lowerAnew(condition, yes, no, unknown);
      lowered.put(key, known);
    }
    return known;
  }

  private Node lowerAnew(Condition condition, Node yes, Node no, Node unknown) {
    return switch (condition) {
      case Condition.Constant(boolean value) -> value ? yes : no;
      case Condition.Not(Condition operand) -> lower(operand, no, yes, unknown);
      case Condition.And(Condition left, Condition right) ->
          lower(
              left,
              lower(right, yes, no, unknown),
              no,
              // not known whether left holds: still false if right does not
              lower(right, unknown, no, unknown));
      case Condition.Or(Condition left, Condition right) ->
          lower(left, yes, lower(right, yes, no, unknown), lower(right, yes, unknown, unknown));
      case NumberTest test ->
          test.value() instanceof Register register ? compare(register, test, yes, no) : unknown;
      case Condition.TextTest _ -> unknown;
    };
  }

  private Node compare(Register register, NumberTest test, Node yes, Node no) {
    return switch (test.comparison()) {
      case EQ -> equal(register, test, yes, no);
      case NE -> equal(register, test, no, yes);
      case GE -> ordered(register, test, Node.Comparison.AT_LEAST, yes, no);
      case LT -> ordered(register, test, Node.Comparison.AT_LEAST, no, yes);
      case GT -> ordered(register, test, Node.Comparison.GREATER, yes, no);
      case LE -> ordered(register, test, Node.Comparison.GREATER, no, yes);
    };
  }

  /// The bits of the register that count.
  private static long mask(Register register, NumberTest test) {
    return test.mask() & -1L >>> (Long.SIZE - register.bits());
  }

  private Node equal(Register register, NumberTest test, Node yes, Node no) {
    long mask = mask(register, test);
    long constant = test.constant() & mask;
    Node low = test(register, Half.LOW, mask, Node.Comparison.EQUAL, constant, yes, no);
    return test(register, Half.HIGH, mask, Node.Comparison.EQUAL, constant, low, no);
  }

  /// cBPF compares without sign, so a signed comparison looks at the sign first.
  private Node ordered(
      Register register, NumberTest test, Node.Comparison comparison, Node yes, Node no) {
    Node sameSign = orderedUnsigned(register, test, comparison, yes, no);
    if (!register.isSigned() || test.mask() != -1) {
      return sameSign;
    }
    long sign = 1L << (register.bits() - 1);
    boolean negative = test.constant() < 0;
    return test(
        register,
        register.bits() > Integer.SIZE ? Half.HIGH : Half.LOW,
        sign,
        Node.Comparison.EQUAL,
        sign,
        negative ? sameSign : no,
        negative ? yes : sameSign);
  }

  private Node orderedUnsigned(
      Register register, NumberTest test, Node.Comparison comparison, Node yes, Node no) {
    long mask = mask(register, test);
    long constant = test.constant() & mask;
    Node low = test(register, Half.LOW, mask, comparison, constant, yes, no);
    Node equal = test(register, Half.HIGH, mask, Node.Comparison.EQUAL, constant, low, no);
    return mask >>> Integer.SIZE == 0
        ? low
        : test(register, Half.HIGH, mask, Node.Comparison.GREATER, constant, yes, equal);
  }

  /// A filter sees registers in halves.
  private enum Half {
    LOW,
    HIGH
  }

  private Node test(
      Register register,
      Half half,
      long mask,
      Node.Comparison comparison,
      long constant,
      Node yes,
      Node no) {
    int shift = half == Half.LOW ? 0 : Integer.SIZE;
    int offset =
        half == Half.LOW ? SeccompData.low(register.index()) : SeccompData.high(register.index());
    int maskOfHalf = (int) (mask >>> shift);
    if (maskOfHalf == 0 && comparison == Node.Comparison.EQUAL) {
      return yes; // none of its bits count
    }
    return nodes.test(offset, maskOfHalf, comparison, (int) (constant >>> shift), yes, no);
  }
}
