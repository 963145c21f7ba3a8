package dev.sluice.supervisor.policy.oci;

import dev.sluice.supervisor.policy.condition.Condition;
import dev.sluice.supervisor.policy.condition.Condition.Comparison;
import dev.sluice.supervisor.policy.condition.Condition.Constant;
import dev.sluice.supervisor.policy.condition.Condition.NumberTest;
import dev.sluice.supervisor.policy.condition.NumberValue.Register;
import dev.sluice.supervisor.policy.oci.TreeNode.Branch;
import dev.sluice.supervisor.policy.oci.TreeNode.Test;
import dev.sluice.supervisor.policy.oci.TreeNode.Test.Kind;
import java.util.ArrayList;
import java.util.List;

/// A [RuleTree] as a list: the first path whose condition holds decides.
final class TreePaths {
  /// One way through the tree, and where it leads.
  record Path(Condition condition, RuleTree.Outcome outcome) {}

  /// A comparison, and whether the path goes on where it holds.
  private record Turn(Test test, boolean holds) {
    boolean isEquality() {
      return holds && (test.kind() == Kind.EQUAL || test.kind() == Kind.MASKED_EQUAL);
    }

    /// Whether nothing is left to be found out once `next`, of the same word, holds.
    boolean isImpliedBy(Turn next) {
      return next.isEquality()
          && next.test.mask() == -1
          && test.kind() == Kind.GREATER
          && test.place() == next.test.place()
          && holds == Integer.compareUnsigned(next.test.constant(), test.constant()) > 0;
    }
  }

  private final List<Turn> turns = new ArrayList<>();
  private final List<Path> paths = new ArrayList<>();

  private TreePaths() {}

  static List<Path> of(RuleTree tree) {
    var paths = new TreePaths();
    paths.follow(tree.root());
    return paths.paths;
  }

  private void follow(Branch branch) {
    branch.outcome().ifPresent(this::end);
    for (TreeNode node : branch.level()) {
      for (boolean holds : List.of(true, false)) {
        turns.addLast(new Turn(node.test(), holds));
        follow(holds ? node.yes() : node.no());
        turns.removeLast();
      }
    }
  }

  private void end(RuleTree.Outcome outcome) {
    Condition condition = Constant.TRUE;
    for (int i = 0; i < turns.size(); i++) {
      Turn turn = turns.get(i);
      boolean more = i + 1 < turns.size();
      if (more && turn.isImpliedBy(turns.get(i + 1))) {
        continue;
      }
      if (more && areHalves(turn, turns.get(i + 1))) {
        condition = Condition.and(condition, whole(turn.test, turns.get(i + 1).test));
        i++;
      } else {
        condition = Condition.and(condition, half(turn));
      }
    }
    if (!condition.equals(Constant.FALSE)) {
      paths.add(new Path(condition, outcome));
    }
  }

  private static boolean areHalves(Turn turn, Turn next) {
    return turn.isEquality()
        && next.isEquality()
        && turn.test.high()
        && !next.test.high()
        && turn.test.register() == next.test.register();
  }

  private static Condition whole(Test high, Test low) {
    long mask = (long) high.mask() << Integer.SIZE | Integer.toUnsignedLong(low.mask());
    long constant = (long) high.constant() << Integer.SIZE | Integer.toUnsignedLong(low.constant());
    return new NumberTest(register(high, Long.SIZE), mask, Comparison.EQ, constant);
  }

  private static Condition half(Turn turn) {
    Test test = turn.test;
    Comparison comparison =
        switch (test.kind()) {
          case EQUAL, MASKED_EQUAL -> turn.holds ? Comparison.EQ : Comparison.NE;
          case GREATER -> turn.holds ? Comparison.GT : Comparison.LE;
          case AT_LEAST -> turn.holds ? Comparison.GE : Comparison.LT;
        };
    if (test.mask() == 0) {
      return new Constant(turn.holds); // masked, and with it the constant: 0 == 0
    }
    long mask = Integer.toUnsignedLong(test.mask());
    long constant = Integer.toUnsignedLong(test.constant());
    if (test.high()) {
      return new NumberTest(
          register(test, Long.SIZE), mask << Integer.SIZE, comparison, constant << Integer.SIZE);
    }
    return new NumberTest(
        register(test, Integer.SIZE), test.mask() == -1 ? -1 : mask, comparison, constant);
  }

  private static Register register(Test test, int bits) {
    return new Register(test.register(), bits, false);
  }
}
