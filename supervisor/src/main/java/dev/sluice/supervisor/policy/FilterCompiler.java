package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.bpf.Assembler;
import dev.sluice.supervisor.bpf.Node;
import dev.sluice.supervisor.bpf.Nodes;
import dev.sluice.supervisor.bpf.Program;
import dev.sluice.supervisor.bpf.SeccompData;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.policy.condition.Condition;
import dev.sluice.supervisor.policy.condition.Condition.NumberTest;
import dev.sluice.supervisor.policy.condition.NumberValue.Register;
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
          var register = new Register(i, Long.SIZE, false);
          var test = new NumberTest(register, -1, Condition.Comparison.EQ, call.args().get(i));
          exact = equal(register, test, exact, node);
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
