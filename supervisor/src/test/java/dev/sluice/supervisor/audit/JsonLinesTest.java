package dev.sluice.supervisor.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.audit.AuditRecord.NamedFile;
import dev.sluice.supervisor.audit.AuditRecord.Outcome;
import dev.sluice.supervisor.policy.SafetyClass;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JsonLinesTest {
  private static AuditRecord record(long lost, String comm, byte[]... paths) {
    return new AuditRecord(
        7,
        lost,
        Instant.EPOCH,
        11,
        12,
        comm,
        Optional.empty(),
        "x86_64",
        "openat",
        List.of(-100L, 0L, 0L, 0L, 0L, 0L),
        List.of(paths).stream().map(path -> new NamedFile(path, true)).toList(),
        Optional.of("no secrets"),
        "deny",
        Outcome.REFUSED,
        Optional.of("EACCES"),
        Optional.empty(),
        SafetyClass.EMULATED,
        false,
        12_345);
  }

  private static String lines(AuditRecord... records) {
    var out = new ByteArrayOutputStream();
    try (var sink = new JsonLines(out, true)) {
      for (AuditRecord record : records) {
        sink.write(record);
      }
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aRecordIsOneLine() {
    assertThat(lines(record(0, "cat", "/etc/shadow".getBytes(StandardCharsets.UTF_8))))
        .isEqualTo(
            """
            {"seq":7,"time":"1970-01-01T00:00:00.000000000Z","pid":11,"comm":"cat","tid":12,\
            "syscall":"openat","arch":"x86_64",\
            "args":["0xffffffffffffff9c","0x0","0x0","0x0","0x0","0x0"],\
            "path":"/etc/shadow","path_resolved":true,"rule":"no secrets",\
            "action":"deny","outcome":"refused","errno":"EACCES",\
            "class":"EMULATED","latency_us":12.3}
            """);
  }

  @Test
  void aTimeHasNineDigitsBehindTheSecond() {
    var time = new TimeText();
    assertThat(time.of(Instant.ofEpochSecond(1, 20))).isEqualTo("1970-01-01T00:00:01.000000020Z");
    assertThat(time.of(Instant.ofEpochSecond(1, 999_999_999)))
        .isEqualTo("1970-01-01T00:00:01.999999999Z");
    assertThat(time.of(Instant.ofEpochSecond(0, 1))).isEqualTo("1970-01-01T00:00:00.000000001Z");
  }

  /// A name may hold every byte but NUL and slash: none of them may end the line or the string.
  @Test
  void noByteOfANameBreaksTheLine() {
    var bytes = new byte[255];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i + 1);
    }
    String line = lines(record(0, "a\"b\\c\n", bytes));
    assertThat(line.chars().filter(c -> c < ' ').boxed()).containsExactly((int) '\n');
    assertThat(line).endsWith("}\n").contains("\"comm\":\"a\\\"b\\\\c\\n\"");
    assertThat(line).contains("\"path\":\"\\u0001\\u0002").contains("!\\\"#").contains("[\\\\]");
  }

  @Test
  void aNameThatIsNotUtf8IsThereExactlyToo() {
    byte[] odd = {'/', 'a', (byte) 0xff, (byte) 0xc3};
    assertThat(lines(record(0, "x", odd)))
        .contains("\"path\":\"/a\ufffd\ufffd\",\"path_hex\":\"2f61ffc3\"");
    assertThat(lines(record(0, "x", "/\u00e4".getBytes(StandardCharsets.UTF_8))))
        .contains("\"path\":\"/\u00e4\"")
        .doesNotContain("hex");
  }

  @Test
  void aSecondPathAndAGapAreToldApart() {
    String line = lines(record(3, "mv", new byte[] {'/', 'a'}, new byte[] {'/', 'b'}));
    assertThat(line)
        .startsWith("{\"seq\":7,\"lost\":3,")
        .contains("\"path\":\"/a\",\"path_resolved\":true,\"path2\":\"/b\"");
  }
}
