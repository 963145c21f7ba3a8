package dev.sluice.supervisor.audit.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ArgumentReaderTest {
  private static Object read(String json) {
    return ArgumentReader.read("x86_64", "writev", new Members(JsonText.object(json)));
  }

  @Test
  void whatIsNoListOfBuffersIsRefused() {
    assertThatThrownBy(() -> read("{\"vec\":[1]}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'vec' is no list of buffers");
    assertThatThrownBy(() -> read("{\"vec\":[{\"iov_base\":\"0x1\"}]}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'iov_len' is missing");
    assertThat(read("{\"vec\":8,\"vlen\":1}").toString()).contains("number=8");
  }
}
