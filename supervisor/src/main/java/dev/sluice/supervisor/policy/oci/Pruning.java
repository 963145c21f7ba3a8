package dev.sluice.supervisor.policy.oci;

import dev.sluice.supervisor.policy.oci.TreeNode.Branch;
import java.util.List;

/// What becomes of a [RuleTree] when a rule is added that covers paths of it, or is covered by one:
/// the longer path of the two goes.
///
/// The new rule has one path. It is followed through the tree; what is left out on one of both
/// sides must be a beginning, so that the other side is the stricter one.
final class Pruning {
  /// How far two paths have been found to agree.
  private static final class Agreement {
    boolean agrees;
    boolean agreedOnce;
    boolean treeEnds;
    boolean ruleEnds;

    /// The tree compared something first that the rule does not.
    boolean treeIsStricter;

    /// And the other way round.
    boolean ruleIsStricter;

    Agreement copy() {
      var copy = new Agreement();
      copy.add(this);
      return copy;
    }

    void add(Agreement other) {
      agrees |= other.agrees;
      agreedOnce |= other.agreedOnce;
      treeEnds |= other.treeEnds;
      ruleEnds |= other.ruleEnds;
      treeIsStricter |= other.treeIsStricter;
      ruleIsStricter |= other.ruleIsStricter;
    }

    void agree() {
      agrees = true;
      agreedOnce = true;
    }
  }

  private final List<TreeNode> root;
  private final RuleTree.Outcome outcome;
  private final Agreement whole = new Agreement();
  private int removed;

  Pruning(List<TreeNode> root, RuleTree.Outcome outcome) {
    this.root = root;
    this.outcome = outcome;
  }

  /// Removes what the rule that begins with `first` makes unnecessary. Returns whether there was
  /// anything.
  boolean prune(TreeNode first) {
    prune(root, first, whole);
    return removed > 0;
  }

  /// Whether the tree already decides all calls of the rule.
  boolean isCovered() {
    return whole.agrees && whole.treeEnds && whole.ruleIsStricter;
  }

  private void prune(List<TreeNode> level, TreeNode node, Agreement soFar) {
    Agreement found = soFar.copy();
    boolean finished =
        level.isEmpty()
            || (soFar.agreedOnce && !soFar.agrees)
            || !compareAll(level, node, soFar, found);
    if (!finished) {
      found.agrees = false;
    }
    if (found.agrees) {
      soFar.add(found);
    } else {
      soFar.agrees = false;
    }
  }

  /// Compares the rule with each node of a level. Returns whether it went through to the end.
  private boolean compareAll(
      List<TreeNode> level, TreeNode node, Agreement soFar, Agreement found) {
    boolean skippedInVain = false;
    for (TreeNode there : List.copyOf(level)) {
      if (there.isRemoved()) {
        continue;
      }
      boolean goOn;
      if (there.test().equals(node.test())) {
        goOn = compareEqual(level, there, node, soFar, found);
      } else if (there.comesAfter(node)) {
        goOn = !soFar.ruleIsStricter && compareBelow(there, node, soFar, found);
      } else if (soFar.treeIsStricter) {
        goOn = false;
      } else {
        // it is the same for each node there is, as long as none of them goes
        int before = removed;
        goOn = skippedInVain || compareRest(level, there, node, soFar, found);
        skippedInVain |= removed == before;
      }
      if (!goOn) {
        return false;
      }
    }
    return true;
  }

  private boolean compareEqual(
      List<TreeNode> level, TreeNode there, TreeNode node, Agreement soFar, Agreement found) {
    found.agree();
    found.ruleEnds |= node.isLast();
    found.treeEnds |= there.isLast();
    if (leadsFurther(there.yes(), node.yes()) || leadsFurther(there.no(), node.no())) {
      return false;
    }
    if (found.ruleEnds
        && found.treeEnds
        && !(sameOutcome(there.yes(), node.yes()) && sameOutcome(there.no(), node.no()))) {
      return false;
    }
    for (boolean holds : List.of(true, false)) {
      Branch rest = holds ? node.yes() : node.no();
      if (!rest.level().isEmpty()) {
        var next = soFar.copy();
        next.agree();
        prune((holds ? there.yes() : there.no()).level(), rest.level().getFirst(), next);
        if (next.agrees) {
          found.add(next);
        }
        if (there.isRemoved()) {
          return true;
        }
      }
    }
    boolean sameEverywhere = RuleTree.otherOutcome(level, outcome).isEmpty();
    if (sameEverywhere && found.agrees && found.ruleEnds && found.treeIsStricter) {
      remove(root, there);
      return !root.isEmpty();
    }
    return !(sameEverywhere && found.agrees && found.treeEnds && found.ruleIsStricter);
  }

  private static boolean leadsFurther(Branch there, Branch branch) {
    return !there.leadsNowhere() && branch.leadsNowhere();
  }

  private static boolean sameOutcome(Branch there, Branch branch) {
    return there
        .outcome()
        .map(RuleTree.Outcome::action)
        .equals(branch.outcome().map(RuleTree.Outcome::action));
  }

  /// The tree compares something that the rule does not: the rest of the tree may agree.
  private boolean compareBelow(TreeNode there, TreeNode node, Agreement soFar, Agreement found) {
    for (Branch branch : List.of(there.yes(), there.no())) {
      if (!branch.level().isEmpty()) {
        var next = soFar.copy();
        next.agrees = false;
        next.treeIsStricter = true;
        prune(branch.level(), node, next);
        if (next.agrees) {
          found.add(next);
          return false;
        }
        if (there.isRemoved()) {
          return true;
        }
      }
    }
    return true;
  }

  /// The rule compares something that the tree does not: the rest of the rule may agree.
  private boolean compareRest(
      List<TreeNode> level, TreeNode there, TreeNode node, Agreement soFar, Agreement found) {
    for (Branch branch : List.of(node.yes(), node.no())) {
      if (!branch.level().isEmpty()) {
        var next = soFar.copy();
        next.agrees = false;
        next.ruleIsStricter = true;
        prune(level, branch.level().getFirst(), next);
        if (next.agrees) {
          found.add(next);
          return false;
        }
        if (there.isRemoved()) {
          return true;
        }
      }
    }
    return true;
  }

  /// Removes a node with all below it, and the nodes that lead nowhere without it.
  private boolean remove(List<TreeNode> level, TreeNode node) {
    for (TreeNode there : List.copyOf(level)) {
      boolean found = false;
      if (there != node) {
        found = remove(there.yes().level(), node);
        found |= remove(there.no().level(), node);
        if (!there.isUseless()) {
          if (found) {
            return true;
          }
          continue;
        }
      }
      level.remove(there);
      there.markRemoved();
      removed++;
      return true;
    }
    return false;
  }
}
