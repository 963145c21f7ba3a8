package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.bpf.Assembler;
import dev.sluice.supervisor.bpf.Node;
import dev.sluice.supervisor.bpf.Nodes;
import dev.sluice.supervisor.bpf.Program;
import dev.sluice.supervisor.bpf.SeccompData;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.policy.condition.Condition;
import dev.sluice.supervisor.policy.condition.NumberValue;
import dev.sluice.supervisor.syscall.Arch;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Makes the filter of a decision table: what registers decide is decided by the kernel, what they
/// leave open is notified.
@SuppressWarnings("ReferenceEquality") // of nodes: see Nodes
final class FilterCompiler {
  private static final int ENOSYS = Seccomp.RET_ERRNO | Errno.ENOSYS.number();

  private final Nodes nodes = new Nodes();
  private final Node notify = nodes.give(Seccomp.RET_USER_NOTIF);
  private final DecisionTable table;
  private final int unknownCall;
  private final List<ExactCall> exempt;

  private FilterCompiler(DecisionTable table, int unknownCall, List<ExactCall> exempt) {
    this.table = table;
    this.unknownCall = unknownCall;
    this.exempt = exempt;
  }

  /// @param unknownCall the `SECCOMP_RET_` value for numbers that are in no table of ours
  /// @param exempt calls of the host's architecture that pass
  static Program compile(
      DecisionTable table, Set<Arch> architectures, int unknownCall, List<ExactCall> exempt) {
    var compiler = new FilterCompiler(table, unknownCall, exempt);
    Node root = compiler.nodes.give(ENOSYS);
    for (Arch arch : architectures) {
      root = compiler.nodes.equal(SeccompData.ARCH, arch.audit(), compiler.calls(arch), root);
    }
    return Assembler.assemble(root);
  }

  /// The calls from one number up to the next range's are decided alike.
  private record Range(int from, Node node) {}

  private Node calls(Arch arch) {
    var ranges = new ArrayList<Range>();
    for (int nr = 0; nr < arch.limit(); nr++) {
      CallPlan plan = table.planOf(arch, nr);
      Node node = plan == null ? nodes.give(unknownCall) : exempt(plan, decide(plan, 0));
      if (ranges.isEmpty() || ranges.getLast().node != node) {
        ranges.add(new Range(nr, node));
      }
    }
    ranges.add(new Range(arch.limit(), nodes.give(unknownCall)));
    if (arch == Arch.X86_64) {
      // no x32 call is in any of our tables
      ranges.add(new Range(Arch.X32_BIT, nodes.give(ENOSYS)));
    }
    return search(ranges);
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
        for (int i = 0; i < call.args().size(); i++) {
          var register = new NumberValue.Register(i, true, false);
          exact = equal(register, -1, call.args().get(i), exact, node);
        }
        node = exact;
      }
    }
    return node;
  }

  private Node decide(CallPlan plan, int from) {
    CallPlan.Step step = plan.steps().get(from);
    Node decided = nodes.give(step.decision().kernelAction());
    if (from == plan.steps().size() - 1) {
      return decided;
    }
    return lower(step.condition(), decided, decide(plan, from + 1), notify);
  }

  /// The test of a condition.
  ///
  /// @param unknown where to go when registers do not tell
  private Node lower(Condition condition, Node yes, Node no, Node unknown) {
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
      case Condition.NumberTest test ->
          test.value() instanceof NumberValue.Register register
              ? compare(register, test, yes, no)
              : unknown;
      case Condition.TextTest _ -> unknown;
    };
  }

  private Node compare(
      NumberValue.Register register, Condition.NumberTest test, Node yes, Node no) {
    boolean signed = register.isSigned() && test.mask() == -1;
    return switch (test.comparison()) {
      case EQ -> equal(register, test.mask(), test.constant(), yes, no);
      case NE -> equal(register, test.mask(), test.constant(), no, yes);
      case GE -> atLeast(register, test, signed, yes, no);
      case LT -> atLeast(register, test, signed, no, yes);
      case GT -> greater(register, test, signed, yes, no);
      case LE -> greater(register, test, signed, no, yes);
    };
  }

  private Node equal(NumberValue.Register register, long mask, long constant, Node yes, Node no) {
    int low = SeccompData.low(register.index());
    int high = SeccompData.high(register.index());
    if ((constant & ~mask) != 0) {
      return no;
    }
    Node lowNode = nodes.test(low, (int) mask, Node.Comparison.EQUAL, (int) constant, yes, no);
    if (!register.wide()) {
      return fitsInRegister(register, mask, constant) ? lowNode : no;
    }
    return (int) (mask >>> 32) == 0
        ? lowNode
        : nodes.test(
            high, (int) (mask >>> 32), Node.Comparison.EQUAL, (int) (constant >>> 32), lowNode, no);
  }

  private static boolean fitsInRegister(NumberValue.Register register, long mask, long constant) {
    long masked =
        register.isSigned() ? (int) constant & mask : Integer.toUnsignedLong((int) constant);
    return masked == constant;
  }

  private Node atLeast(
      NumberValue.Register register, Condition.NumberTest test, boolean signed, Node yes, Node no) {
    return ordered(register, test, signed, Node.Comparison.AT_LEAST, yes, no);
  }

  private Node greater(
      NumberValue.Register register, Condition.NumberTest test, boolean signed, Node yes, Node no) {
    return ordered(register, test, signed, Node.Comparison.GREATER, yes, no);
  }

  /// cBPF compares without sign, so a signed comparison splits by the sign bit first.
  private Node ordered(
      NumberValue.Register register,
      Condition.NumberTest test,
      boolean signed,
      Node.Comparison comparison,
      Node yes,
      Node no) {
    if (!signed) {
      return orderedUnsigned(register, test, comparison, yes, no);
    }
    int sign =
        register.wide() ? SeccompData.high(register.index()) : SeccompData.low(register.index());
    Node sameSign = orderedUnsigned(register, test, comparison, yes, no);
    boolean constantNegative = test.constant() < 0;
    return nodes.test(
        sign,
        0x80000000,
        Node.Comparison.EQUAL,
        0x80000000,
        constantNegative ? sameSign : no,
        constantNegative ? yes : sameSign);
  }

  private Node orderedUnsigned(
      NumberValue.Register register,
      Condition.NumberTest test,
      Node.Comparison comparison,
      Node yes,
      Node no) {
    int low = SeccompData.low(register.index());
    int high = SeccompData.high(register.index());
    int mask = (int) test.mask();
    long constant = test.constant();
    Node lowNode = nodes.test(low, mask, comparison, (int) constant, yes, no);
    if (!register.wide()) {
      return lowNode;
    }
    int highMask = (int) (test.mask() >>> 32);
    int highConstant = (int) (constant >>> 32);
    return nodes.test(
        high,
        highMask,
        Node.Comparison.GREATER,
        highConstant,
        yes,
        nodes.test(high, highMask, Node.Comparison.EQUAL, highConstant, lowNode, no));
  }
}
