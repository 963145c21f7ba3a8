package dev.sluice.supervisor.policy.oci;

/// Two rules want different things of the same calls, and libseccomp refuses the second (`EEXIST`).
final class RuleConflict extends Exception {
  private static final long serialVersionUID = 1;

  private final transient RuleTree.Outcome existing;

  RuleConflict(RuleTree.Outcome existing) {
    super(null, null, false, false);
    this.existing = existing;
  }

  /// What was there before.
  RuleTree.Outcome existing() {
    return existing;
  }
}
