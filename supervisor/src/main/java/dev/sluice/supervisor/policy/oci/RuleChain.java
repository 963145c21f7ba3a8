package dev.sluice.supervisor.policy.oci;

import dev.sluice.supervisor.policy.oci.TreeNode.Branch;
import dev.sluice.supervisor.policy.oci.TreeNode.Test;
import dev.sluice.supervisor.policy.oci.TreeNode.Test.Kind;
import java.util.Comparator;
import java.util.List;

/// Takes a rule apart into the comparisons of words that a filter can make, each register after the
/// other.
final class RuleChain {
  private final boolean wide;
  private final List<Argument> arguments;
  private final RuleTree.Outcome outcome;

  private RuleChain(boolean wide, List<Argument> arguments, RuleTree.Outcome outcome) {
    this.wide = wide;
    this.arguments = arguments;
    this.outcome = outcome;
  }

  /// The branch from which the rule's comparisons begin; with none of them, its outcome.
  ///
  /// @param wide whether registers have 64 bits; else only the lower 32 are compared
  static Branch of(boolean wide, List<Argument> arguments, RuleTree.Outcome outcome) {
    var chain =
        new RuleChain(
            wide,
            arguments.stream()
                .filter(argument -> (wide ? argument.mask() : (int) argument.mask()) != 0)
                .sorted(Comparator.comparingInt(Argument::index))
                .toList(),
            outcome);
    var start = new Branch();
    chain.continueAt(start, 0);
    return start;
  }

  /// Where the argument before `next` holds. Each such place gets nodes of its own.
  private void continueAt(Branch branch, int next) {
    if (next == arguments.size()) {
      branch.endWith(outcome);
    } else {
      Argument argument = arguments.get(next);
      branch.level().add(wide ? wide(argument, next + 1) : narrow(argument, next + 1));
    }
  }

  private TreeNode narrow(Argument argument, int next) {
    TreeNode node =
        switch (argument.operator()) {
          case EQ, NE -> word(argument, false, Kind.EQUAL);
          case MASKED_EQ -> word(argument, false, Kind.MASKED_EQUAL);
          case GT, LE -> word(argument, false, Kind.GREATER);
          case GE, LT -> word(argument, false, Kind.AT_LEAST);
        };
    continueAt(isNegated(argument) ? node.no() : node.yes(), next);
    return node;
  }

  private TreeNode wide(Argument argument, int next) {
    return switch (argument.operator()) {
      case EQ, NE -> equal(argument, Kind.EQUAL, next);
      case MASKED_EQ -> equal(argument, Kind.MASKED_EQUAL, next);
      case GT, LE -> ordered(argument, Kind.GREATER, next);
      case GE, LT -> ordered(argument, Kind.AT_LEAST, next);
    };
  }

  private TreeNode equal(Argument argument, Kind kind, int next) {
    TreeNode high = word(argument, true, kind);
    TreeNode low = word(argument, false, kind);
    high.yes().level().add(low);
    if (isNegated(argument)) {
      continueAt(high.no(), next);
      continueAt(low.no(), next);
    } else {
      continueAt(low.yes(), next);
    }
    return high;
  }

  private TreeNode ordered(Argument argument, Kind kind, int next) {
    TreeNode above = word(argument, true, Kind.GREATER);
    TreeNode same = word(argument, true, Kind.EQUAL);
    TreeNode low = word(argument, false, kind);
    above.no().level().add(same);
    same.yes().level().add(low);
    if (isNegated(argument)) {
      continueAt(same.no(), next);
      continueAt(low.no(), next);
    } else {
      continueAt(above.yes(), next);
      continueAt(low.yes(), next);
    }
    return above;
  }

  /// Whether the rule goes on where the comparison of its words does not hold.
  private static boolean isNegated(Argument argument) {
    return switch (argument.operator()) {
      case NE, LT, LE -> true;
      case EQ, MASKED_EQ, GT, GE -> false;
    };
  }

  private static TreeNode word(Argument argument, boolean high, Kind kind) {
    int shift = high ? Integer.SIZE : 0;
    int mask = (int) (argument.mask() >>> shift);
    int constant = (int) (argument.constant() >>> shift) & mask;
    return new TreeNode(
        new Test(argument.index(), high, kind, mask, constant),
        argument.operator(),
        argument.constant());
  }
}
