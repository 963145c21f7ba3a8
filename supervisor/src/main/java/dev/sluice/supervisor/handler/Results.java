package dev.sluice.supervisor.handler;

import dev.sluice.supervisor.policy.Verdict;

/// Verdicts from what the kernel returned to us.
final class Results {
  private Results() {}

  /// A result, or -errno.
  static Verdict of(int result) {
    return result < 0 ? Verdict.Fail.of(-result) : Verdict.Return.of(result);
  }
}
