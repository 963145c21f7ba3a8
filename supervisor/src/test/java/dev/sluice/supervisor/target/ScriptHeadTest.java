package dev.sluice.supervisor.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.kernel.NativeBytes;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The interpreter of a script is the one that the kernel finds: `execs` of the end-to-end tests
/// has it execute most of these.
class ScriptHeadTest {
  private static String interpreter(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    int length = Math.min(bytes.length, ScriptHead.SIZE);
    var head = NativeBytes.allocate(ScriptHead.SIZE);
    head.put(0, bytes, 0, length);
    return new String(ScriptHead.interpreter(head, length), StandardCharsets.US_ASCII);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'#!/bin/sh\n' | /bin/sh",
        "'#!/bin/sh' | /bin/sh",
        "'#! \t /bin/sh -x  y\nrest' | /bin/sh",
        "'#!sh\t-x\n' | sh",
        "'#!/bin/sh\r\n' | '/bin/sh\r'",
        "'#!\n/bin/sh\n' | ''",
        "'#!   \n' | ''",
        "'#!' | ''",
        "'#' | ''",
        "'' | ''",
        "' #!/bin/sh\n' | ''",
        "'echo\n' | ''",
      })
  void isTheFirstWordOfTheFirstLine(String head, String interpreter) {
    assertThat(interpreter(head.translateEscapes())).isEqualTo(interpreter.translateEscapes());
  }

  @Test
  void isNotCutOff() {
    String longest = "/" + "x".repeat(ScriptHead.SIZE - 4);

    assertThat(interpreter("#!" + longest + "\n")).isEqualTo(longest);
    assertThat(interpreter("#!" + longest + "x\n")).isEmpty();
    assertThat(interpreter("#!" + longest + " argument")).isEqualTo(longest);
  }

  /// What is behind the end of a short file is none of its.
  @Test
  void endsWithTheFile() {
    var head = NativeBytes.of("#!/bin/sh".getBytes(StandardCharsets.US_ASCII));

    assertThat(ScriptHead.interpreter(head, 4)).asString().isEqualTo("/b");
  }
}
