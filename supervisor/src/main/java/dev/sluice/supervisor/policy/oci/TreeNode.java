package dev.sluice.supervisor.policy.oci;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One comparison in a [RuleTree], of one 32-bit word, and where its two answers lead.
final class TreeNode {
  /// What is compared. Two nodes whose tests are equal are one.
  ///
  /// @param high whether it is the upper word of the register
  record Test(int register, boolean high, Kind kind, int mask, int constant) {
    enum Kind {
      EQUAL,
      /// With a mask of the profile's own: never the same as [#EQUAL], even if the mask is full.
      MASKED_EQUAL,
      GREATER,
      AT_LEAST
    }

    /// Words that libseccomp looks at first have the greater place.
    int place() {
      return 2 * register + (high ? 1 : 0);
    }
  }

  /// An answer of the test: the end of a rule, or more to be compared, or neither: then the next
  /// node of the level is asked.
  static final class Branch {
    private Optional<RuleTree.Outcome> outcome = Optional.empty();
    private final List<TreeNode> level = new ArrayList<>();

    Optional<RuleTree.Outcome> outcome() {
      return outcome;
    }

    List<TreeNode> level() {
      return level;
    }

    void endWith(RuleTree.Outcome end) {
      level.clear();
      outcome = Optional.of(end);
    }

    boolean leadsNowhere() {
      return outcome.isEmpty() && level.isEmpty();
    }
  }

  private final Test test;
  private final Operator operator;
  private final long whole;
  private final Branch yes = new Branch();
  private final Branch no = new Branch();
  private boolean removed;

  /// @param operator the one of the rule, of which this is a part
  /// @param whole the constant of the rule, of which the test has a half
  TreeNode(Test test, Operator operator, long whole) {
    this.test = test;
    this.operator = operator;
    this.whole = whole;
  }

  Test test() {
    return test;
  }

  Branch yes() {
    return yes;
  }

  Branch no() {
    return no;
  }

  long whole() {
    return whole;
  }

  boolean isRemoved() {
    return removed;
  }

  void markRemoved() {
    removed = true;
  }

  /// Whether nothing is compared after it.
  boolean isLast() {
    return yes.level.isEmpty() && no.level.isEmpty();
  }

  boolean isUseless() {
    return yes.leadsNowhere() && no.leadsNowhere();
  }

  /// Whether `other` is asked before this on a level.
  boolean comesAfter(TreeNode other) {
    int byPlace = Integer.compare(test.place(), other.test.place());
    if (byPlace != 0) {
      return byPlace < 0;
    }
    int byOperator = Integer.compare(rank(operator), rank(other.operator));
    if (byOperator != 0) {
      return byOperator < 0;
    }
    int byConstant = Integer.compareUnsigned(test.constant, other.test.constant);
    // the narrower range first: of "less than", the one with the smaller constant
    return rank(operator) == 2 ? byConstant > 0 : byConstant < 0;
  }

  private static int rank(Operator operator) {
    return switch (operator) {
      case EQ, NE, MASKED_EQ -> 3;
      case LT, LE -> 2;
      case GE, GT -> 1;
    };
  }
}
