package dev.sluice.supervisor.policy;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.kernel.Errno;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// So many calls, and then one after each interval.
class TokenBucketTest {
  private static final long SECOND = SECONDS.toNanos(1);

  private static TokenBucket bucket(long intervalNanos, int burst, long now) {
    return new TokenBucket(new Limit("", intervalNanos, burst, Errno.EAGAIN.number()), now);
  }

  private static int takeAll(TokenBucket bucket, long now) {
    int taken = 0;
    while (bucket.take(now)) {
      taken++;
    }
    return taken;
  }

  /// The clock begins anywhere, and may pass the end of its numbers.
  @ParameterizedTest
  @ValueSource(longs = {0, -5, Long.MIN_VALUE, Long.MAX_VALUE})
  void aFullOneHasAsManyAsMayBeUsedAtOnce(long start) {
    var bucket = bucket(SECOND, 3, start);

    assertThat(takeAll(bucket, start)).isEqualTo(3);
    assertThat(takeAll(bucket, start + SECOND - 1)).isZero();
    assertThat(takeAll(bucket, start + SECOND)).isEqualTo(1);
    assertThat(takeAll(bucket, start + 3 * SECOND)).isEqualTo(2);
    assertThat(takeAll(bucket, start + 1000 * SECOND)).isEqualTo(3);
  }

  /// Calls are counted by when they were received, and workers may come to it later.
  @Test
  void aCallOfThePastFindsNoMoreThanThereWas() {
    var bucket = bucket(SECOND, 2, 0);

    assertThat(takeAll(bucket, 10 * SECOND)).isEqualTo(2);
    assertThat(bucket.take(9 * SECOND)).isFalse();
    assertThat(bucket.take(11 * SECOND)).isTrue();
  }

  @Test
  void overALongTimeTheRateIsKept() {
    var bucket = bucket(SECOND / 10, 10, 0);
    long taken = IntStream.range(0, 100_000).filter(i -> bucket.take(i * SECOND / 1000)).count();

    assertThat(taken).as("in 100 s at 10/s, and 10 at once").isEqualTo(10 + 999);
  }

  @Test
  void severalThreadsTakeNoTokenTwice() throws InterruptedException {
    var bucket = bucket(SECOND, 10_000, 0);
    var taken = new AtomicInteger();
    var threads =
        IntStream.range(0, 4)
            .mapToObj(_ -> Thread.ofPlatform().start(() -> taken.addAndGet(takeAll(bucket, 0))))
            .toList();
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(taken).hasValue(10_000);
  }
}
