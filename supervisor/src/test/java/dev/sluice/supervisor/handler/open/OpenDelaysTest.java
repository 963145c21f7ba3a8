package dev.sluice.supervisor.handler.open;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/// Whose clock is the test's; what the thread has used is not.
class OpenDelaysTest {
  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1000 * MILLI;

  private final OpenDelays delays = new OpenDelays(Long.MAX_VALUE - SECOND);
  private long now = Long.MAX_VALUE - SECOND; // it wraps around

  @Test
  void whoWaitsTwiceIsSparedForAWhile() {
    open(2 * MILLI, true);
    assertThat(delays.areLong(now)).isFalse();
    open(2 * MILLI, true);
    assertThat(delays.areLong(now)).isTrue();
    assertThat(delays.areLong(now + 9 * SECOND)).isTrue();
    assertThat(delays.areLong(now + 11 * SECOND)).isFalse();
  }

  @Test
  void whoHasTheProcessorTakenIsNot() {
    open(2 * MILLI, false);
    open(2 * MILLI, false);
    assertThat(delays.areLong(now)).isFalse();
  }

  @Test
  void norIsWhoWaitsSeldomOrShortly() {
    for (int i = 0; i < 3; i++) {
      open(2 * MILLI, true);
      now += 11 * SECOND;
    }
    for (int i = 0; i < 9; i++) {
      open(MILLI / 2, true);
    }
    assertThat(delays.areLong(now)).isFalse();
  }

  private void open(long nanos, boolean waits) {
    long began = now;
    long seen = delays.begin(began);
    if (waits) {
      LockSupport.parkNanos(MILLI);
    }
    now += nanos;
    delays.end(began, seen, now);
  }
}
