package dev.sluice.supervisor.policy;

/// What a limit makes of the decisions of one rule for one system call.
public final class Limited {
  private final Limit limit;
  private final TokenBucket bucket;
  private final Decision exceeded;

  /// @param bucket that of the rule, which all its calls share
  /// @param exceeded what is decided of a call that is too many
  Limited(Limit limit, TokenBucket bucket, Decision exceeded) {
    this.limit = limit;
    this.bucket = bucket;
    this.exceeded = exceeded;
  }

  public Limit limit() {
    return limit;
  }

  /// What is decided of a call that is too many.
  public Decision exceeded() {
    return exceeded;
  }

  /// Counts a call. Returns whether it is one too many. Neither locks nor allocates.
  ///
  /// @param nowNanos [System#nanoTime]
  public boolean isExceeded(long nowNanos) {
    return !bucket.take(nowNanos);
  }
}
