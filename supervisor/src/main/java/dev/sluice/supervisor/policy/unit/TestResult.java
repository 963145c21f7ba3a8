package dev.sluice.supervisor.policy.unit;

import java.util.Optional;

/// How a unit test of a policy went.
///
/// @param failure what was expected and what came; empty if it passed
public record TestResult(TestCase test, Optional<String> failure) {
  public boolean passed() {
    return failure.isEmpty();
  }

  /// `p.test.yaml:3:5: failed: 'reads a secret': expected …`
  @Override
  public String toString() {
    return test.location()
        + ": "
        + (passed() ? "passed" : "failed")
        + ": '"
        + test.name()
        + "'"
        + failure.map(text -> ": " + text).orElse("");
  }
}
