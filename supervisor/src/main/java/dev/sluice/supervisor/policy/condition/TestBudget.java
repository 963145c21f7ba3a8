package dev.sluice.supervisor.policy.condition;

/// How many tests the conditions of a policy may still have. Each counts once for every call of its
/// rule; `==` between truths and `?:` have their sides twice, and so twice as many in each of the
/// next.
final class TestBudget {
  static final int ALL = 500_000;

  private int left = ALL;

  /// Returns whether there was one left.
  boolean spend() {
    return left-- > 0;
  }

  boolean isSpent() {
    return left < 0;
  }
}
