package dev.sluice.supervisor.policy.oci;

import dev.sluice.supervisor.policy.oci.TreeNode.Branch;
import java.util.List;
import java.util.Optional;

/// All that a profile says of one system call, merged as libseccomp merges it.
///
/// Rules are not asked in the order they stand in. Their comparisons become one tree: equal ones
/// are made once, the others of a level are ordered by register, word, operator and constant, and
/// the first path that leads to an end decides. Where rules with different outcomes overlap, it is
/// that order that counts; see `src/docs/oci.md`.
final class RuleTree {
  /// Where a rule leads.
  ///
  /// @param action a `SECCOMP_RET_` value
  record Outcome(int action, ProfileRule rule) {
    boolean sameAs(Outcome other) {
      return action == other.action;
    }
  }

  private final boolean wide;
  private final Branch root = new Branch();

  /// @param wide whether registers have 64 bits
  RuleTree(boolean wide) {
    this.wide = wide;
  }

  /// What is decided without a look at registers, or what is to be compared.
  Branch root() {
    return root;
  }

  /// Adds a rule that holds where all `arguments` do.
  void add(List<Argument> arguments, Outcome outcome) throws RuleConflict {
    Branch rule = RuleChain.of(wide, arguments, outcome);
    if (root.outcome().isPresent()) {
      return; // the first rule without arguments says it all
    }
    if (rule.outcome().isPresent() || root.leadsNowhere()) {
      take(rule);
      return;
    }
    TreeNode first = rule.level().getFirst();
    var pruning = new Pruning(root.level(), outcome);
    if (pruning.prune(first)) {
      if (root.level().isEmpty()) {
        take(rule);
        return;
      }
    } else if (pruning.isCovered()) {
      return;
    }
    insert(root.level(), first);
  }

  private void take(Branch rule) {
    root.level().clear();
    root.level().addAll(rule.level());
    rule.outcome().ifPresent(root::endWith);
  }

  /// Puts a node in its place on a level, or makes it one with its equal.
  private static void insert(List<TreeNode> level, TreeNode node) throws RuleConflict {
    for (int i = 0; i < level.size(); i++) {
      TreeNode there = level.get(i);
      if (there.test().equals(node.test())) {
        merge(there, node);
        return;
      }
      if (there.comesAfter(node)) {
        level.add(i, node);
        return;
      }
    }
    level.add(node);
  }

  private static void merge(TreeNode there, TreeNode node) throws RuleConflict {
    if (node.yes().outcome().isPresent()) {
      end(there, node, true);
    }
    if (node.no().outcome().isPresent()) {
      end(there, node, false);
    }
    if (graft(there.yes(), node.yes())) {
      graft(there.no(), node.no());
    }
  }

  /// The rule of `node` ends here.
  private static void end(TreeNode there, TreeNode node, boolean holds) throws RuleConflict {
    Branch branch = holds ? there.yes() : there.no();
    Outcome end = (holds ? node.yes() : node.no()).outcome().orElseThrow();
    if (branch.outcome().isEmpty()) {
      Optional<Outcome> other = otherOutcome(branch.level(), end);
      if (other.isPresent()) {
        throw new RuleConflict(other.get());
      }
      branch.endWith(end);
      return;
    }
    Outcome before = branch.outcome().get();
    if (before.sameAs(end)) {
      return;
    }
    // of two ranges the narrower one decides, as far as the upper word tells. libseccomp before
    // 2.6.1 does that for "greater" only
    if (holds && node.test().high() && Long.compareUnsigned(node.whole(), there.whole()) > 0) {
      branch.endWith(end);
    }
    if (there.isLast() || node.isLast()) {
      throw new RuleConflict(before);
    }
  }

  /// Adds the comparisons that follow. Returns false if the rule that is there ends here, which
  /// leaves nothing to the new one.
  private static boolean graft(Branch there, Branch branch) throws RuleConflict {
    if (branch.level().isEmpty()) {
      return true;
    }
    if (!there.level().isEmpty()) {
      insert(there.level(), branch.level().getFirst());
      return true;
    }
    if (there.outcome().isPresent()) {
      return false;
    }
    there.level().addAll(branch.level());
    return true;
  }

  /// An outcome on this level or below that differs.
  static Optional<Outcome> otherOutcome(List<TreeNode> level, Outcome outcome) {
    for (TreeNode node : level) {
      for (Branch branch : List.of(node.yes(), node.no())) {
        Optional<Outcome> other =
            branch
                .outcome()
                .filter(each -> !each.sameAs(outcome))
                .or(() -> otherOutcome(branch.level(), outcome));
        if (other.isPresent()) {
          return other;
        }
      }
    }
    return Optional.empty();
  }
}
