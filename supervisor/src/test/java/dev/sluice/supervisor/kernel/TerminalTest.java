package dev.sluice.supervisor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TerminalTest {
  @Test
  void inputIsWaitedForUntilItComesOrTheTimeIsOver() {
    int[] pair = SmallCalls.socketpair();
    assertThat(Terminal.awaitInput(pair[0], 0)).isZero();
    assertThat(Terminal.awaitInput(pair[0], 1)).isZero();
    UnixSocket.send(pair[1], NativeBytes.of((byte) 1), 1);
    assertThat(Terminal.awaitInput(pair[0], 60_000)).isEqualTo(1);
    Files.close(pair[0]);
    Files.close(pair[1]);
  }

  @Test
  void whatIsNoTerminalHasNoForeground() {
    int file = Files.open("/dev/null", OpenFlags.O_RDONLY);
    assertThat(Terminal.foreground(file)).isEqualTo(-Errno.ENOTTY.number());
    assertThat(Terminal.setForeground(file, 1)).isEqualTo(-Errno.ENOTTY.number());
    assertThat(Terminal.beginLines(file)).isEmpty();
    Files.close(file);
    assertThat(Terminal.foreground(-1)).isEqualTo(-Errno.EBADF.number());
  }
}
