package dev.sluice.supervisor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TerminalTest {
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
