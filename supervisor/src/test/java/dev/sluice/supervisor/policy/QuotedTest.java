package dev.sluice.supervisor.policy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QuotedTest {
  @Test
  void noTwoTextsLookAlike() {
    assertThat(Quoted.of("/a ü")).isEqualTo("\"/a ü\"");
    assertThat(Quoted.of("a\" \\ \n\t\u007f")).isEqualTo("\"a\\\" \\\\ \\n\\x09\\x7f\"");
    assertThat(Quoted.of(new byte[] {'a', (byte) 0xff, '"'})).isEqualTo("\"a\\xff\\\"\"");
    assertThat(Quoted.of("\ufffd")).isEqualTo("\"\ufffd\"");
  }
}
