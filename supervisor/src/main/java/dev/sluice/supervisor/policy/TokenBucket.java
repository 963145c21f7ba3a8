package dev.sluice.supervisor.policy;

import java.util.concurrent.atomic.AtomicLong;

/// A bucket of tokens, one for each call: it holds as many as may be used at once, and gets one
/// back after each interval. All that is kept is when it will be full again, so that to take one is
/// a single compare-and-set.
final class TokenBucket {
  private final long intervalNanos;
  private final long emptyNanos;
  private final AtomicLong fullAt;

  /// A full one.
  ///
  /// @param nowNanos of the clock of [#take]
  TokenBucket(Limit limit, long nowNanos) {
    intervalNanos = limit.intervalNanos();
    emptyNanos = intervalNanos * limit.burst();
    fullAt = new AtomicLong(nowNanos);
  }

  /// Whether there was a token, which is gone now.
  boolean take(long nowNanos) {
    while (true) {
      long before = fullAt.get();
      long wait = Math.max(before - nowNanos, 0) + intervalNanos;
      if (wait > emptyNanos) {
        return false;
      }
      if (fullAt.compareAndSet(before, nowNanos + wait)) {
        return true;
      }
    }
  }
}
