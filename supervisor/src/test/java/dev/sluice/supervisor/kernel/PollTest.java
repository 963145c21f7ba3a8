package dev.sluice.supervisor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PollTest {
  @Test
  void inputIsWaitedForUntilItComesOrTheTimeIsOver() {
    int[] pair = SmallCalls.socketpair();
    assertThat(Poll.awaitInput(pair[0], 0)).isZero();
    assertThat(Poll.awaitInput(pair[0], 1)).isZero();
    UnixSocket.send(pair[1], NativeBytes.of((byte) 1), 1);
    assertThat(Poll.awaitInput(pair[0], 60_000)).isEqualTo(1);
    Files.close(pair[0]);
    Files.close(pair[1]);
  }
}
