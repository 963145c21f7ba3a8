package dev.sluice.supervisor.audit.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.supervisor.audit.JsonLines;
import dev.sluice.supervisor.audit.Records;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Lines that nobody has written.
class LineReaderTest {
  private static String line() {
    var out = new ByteArrayOutputStream();
    try (var sink = new JsonLines(out, true)) {
      sink.begin(Records.SESSION);
      sink.write(Records.denied(1, "/x"));
    }
    return out.toString(StandardCharsets.US_ASCII).lines().toList().get(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"args\":[^]]*] | \"args\":[] | 'args' are not 6",
        "\"time\":\"1970 | \"time\":\"+999999999 | 'time' is no time",
        "\"outcome\":\"refused | \"outcome\":\"reused | 'reused' is unknown",
      })
  void areRefused(String what, String by, String reason) {
    String line = line().replaceFirst(what, by);
    assertThat(line).isNotEqualTo(line());
    assertThatThrownBy(() -> LineReader.read(line))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(reason);
  }

  @Test
  void flagsThatNobodyKnowsAreNotThere() throws Exception {
    String line =
        line()
            .replace("\"openat\"", "\"openat2\"")
            .replace("\"flags\":\"O_RDONLY\"", "\"how.flags\":\"FOO|\"");
    var call = (LogLine.Call) LineReader.read(line);

    assertThat(new RecordFilter("access.write", "/").test(call.record())).isFalse();
  }
}
