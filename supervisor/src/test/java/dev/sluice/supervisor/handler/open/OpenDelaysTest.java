package dev.sluice.supervisor.handler.open;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// Whose clock is the test's.
class OpenDelaysTest {
  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1000 * MILLI;

  private long now = Long.MAX_VALUE - SECOND; // it wraps around
  private final OpenDelays delays = new OpenDelays(now);

  @Test
  void whoWaitsTwiceIsSparedForAWhile() {
    open(2 * MILLI, 1);
    assertThat(delays.areLong(now)).isFalse();
    open(2 * MILLI, 1);
    assertThat(delays.areLong(now)).isTrue();
    assertThat(delays.areLong(now + SECOND + 1)).isFalse();
  }

  @Test
  void andLongerEachTime() {
    open(2 * MILLI, 1);
    for (int seconds : new int[] {1, 2, 4, 8, 16, 16}) {
      open(2 * MILLI, 1);
      assertThat(delays.areLong(now + seconds * SECOND - 1)).as("%d s", seconds).isTrue();
      now += seconds * SECOND;
      assertThat(delays.areLong(now)).isFalse();
    }
    now += 11 * SECOND;
    open(2 * MILLI, 1);
    open(2 * MILLI, 1);
    assertThat(delays.areLong(now + SECOND + 1)).as("begins anew").isFalse();
  }

  @Test
  void whoHasTheProcessorTakenIsNot() {
    open(2 * MILLI, 0);
    open(2 * MILLI, 0);
    assertThat(delays.areLong(now)).isFalse();
  }

  @Test
  void norIsWhoWaitsSeldomOrShortly() {
    for (int i = 0; i < 3; i++) {
      open(2 * MILLI, 1);
      now += 11 * SECOND;
    }
    for (int i = 0; i < 9; i++) {
      open(MILLI / 2, 1);
    }
    assertThat(delays.areLong(now)).isFalse();
  }

  private void open(long nanos, int waits) {
    long began = now;
    boolean isSuspected = delays.areSuspected(began);
    now += nanos;
    if (isSuspected) {
      delays.tookWatched(began, now, waits);
    } else {
      delays.took(began, now);
    }
  }
}
