package dev.sluice.supervisor.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.audit.log.LineReader;
import dev.sluice.supervisor.audit.log.LogLine;
import dev.sluice.supervisor.audit.log.Verification;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonLinesTest {
  @TempDir private Path directory;

  private static final ByteText RAW = new ByteText(new byte[] {2, 0, 0, 80, 10, 0, 0, 1});

  private static List<String> lines(AuditRecord... records) {
    var out = new ByteArrayOutputStream();
    try (var sink = new JsonLines(out, true)) {
      sink.begin(Records.SESSION);
      for (AuditRecord record : records) {
        sink.write(record);
      }
    }
    String text = out.toString(StandardCharsets.UTF_8);
    assertThat(text).endsWith("}\n");
    return text.lines().toList();
  }

  private static AuditRecord readBack(AuditRecord record) {
    return ((LogLine.Call) LineReader.read(lines(record).get(1))).record();
  }

  @Test
  void aRecordIsOneLineBetweenTheBeginningAndTheEnd() {
    List<String> lines = lines(Records.denied(1, "/etc/shadow"));
    assertThat(lines).hasSize(3);
    assertThat(lines.get(0))
        .startsWith(
            """
            {"type":"session","session":"5e551","schema":1,"time":"1970-01-01T00:00:00.000000000Z",\
            "mono_ns":5,"pid":77,"host":"host","cgroup":"0::/","hash":\"\
            """);
    assertThat(lines.get(1))
        .startsWith(
            """
            {"type":"call","session":"5e551","seq":1,"time":"1970-01-01T00:00:00.000000000Z",\
            "mono_ns":99,"policy":"p","digest":"ab12","epoch":1,\
            "tid":12,"pid":11,"ppid":10,"uid":4294967294,"gid":4,"caps":"0xffffffffffffffff",\
            "comm":"cat","exe":"/bin/x","cgroup":"/web.slice/c1","container":"c1",\
            "syscall":"openat","arch":"x86_64",\
            "args":["0xffffffffffffff9c","0x8c","0x0","0x0","0x0","0x0"],\
            "arguments":{"dirfd":"AT_FDCWD","pathname":"/etc/shadow","flags":"O_RDONLY"},\
            "path":"/etc/shadow","path_resolved":true,"rule":"no secrets",\
            "action":"deny","outcome":"refused","errno":"EACCES",\
            "class":"EMULATED","latency_ns":12345,"allow":"- { name: 'allow-openat-shadow',\
             on: \\"@open\\", when: 'path == \\"/etc/shadow\\" && !access.write', allow: }",\
            "hash":\"\
            """);
    assertThat(lines.get(2)).startsWith("{\"type\":\"end\",\"session\":\"5e551\",\"last\":1,");
  }

  @Test
  void whatIsWrittenIsReadBackAsItWas() {
    for (AuditRecord record :
        List.of(
            Records.denied(1, "/etc/shadow"),
            Records.denied(2, "a\"b\\c", new byte[] {'/', (byte) 0xff}, new byte[] {'/', 'b'}),
            Records.connected(3, new Address("inet", "10.0.0.1", 80, Optional.empty(), false, RAW)),
            Records.connected(
                4,
                new Address(
                    "unix", "", -1, Optional.of(ByteText.of("/run/\u0007x")), true, RAW)))) {
      assertThat(readBack(record)).isEqualTo(record);
    }
  }

  @Test
  void aTimeHasNineDigitsBehindTheSecond() {
    var time = new TimeText();
    assertThat(time.of(Instant.ofEpochSecond(1, 20))).isEqualTo("1970-01-01T00:00:01.000000020Z");
    assertThat(time.of(Instant.ofEpochSecond(1, 999_999_999)))
        .isEqualTo("1970-01-01T00:00:01.999999999Z");
    assertThat(time.of(Instant.ofEpochSecond(0, 1))).isEqualTo("1970-01-01T00:00:00.000000001Z");
  }

  /// A name may hold every byte but NUL and slash: none of them may end the line or the string, and
  /// all of them are read back.
  @Test
  void noByteOfANameBreaksTheLine() {
    var bytes = new byte[255];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i + 1);
    }
    AuditRecord record = Records.denied(1, "a\"b\\c\n", bytes);
    List<String> lines = lines(record);
    assertThat(lines).hasSize(3);
    assertThat(lines.get(1).chars()).allMatch(c -> c >= ' ' && c < 0x7f);
    assertThat(readBack(record)).isEqualTo(record);
  }

  @Test
  void aNameThatIsNotUtf8IsThereExactlyToo() {
    byte[] odd = {'/', 'a', (byte) 0xff, (byte) 0xc3};
    assertThat(lines(Records.denied(1, "x", odd)).get(1))
        .contains("\"path\":\"/a\\uFFFD\\uFFFD\",\"path_hex\":\"2f61ffc3\"")
        .contains("\"pathname_hex\":\"2f61ffc3\"");
    assertThat(lines(Records.denied(1, "/\u00e4")).get(1))
        .contains("\"path\":\"/\\u00E4\"")
        .doesNotContain("hex");
  }

  /// A disk that is full for a while, and then not: what found no room is counted.
  private static final class FullDisk extends OutputStream {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    @Override
    public void write(int b) {
      written.write(b);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
      throw new IOException("No space left on device");
    }
  }

  @Test
  void aBrokenOutputEndsNothing() {
    var disk = new FullDisk();
    long lost;
    try (var sink = new JsonLines(disk, true)) {
      sink.begin(Records.SESSION);
      for (int i = 1; i <= 10_000; i++) {
        sink.write(Records.denied(i, "/x"));
        sink.flush();
      }
      lost = sink.lost();
    }
    assertThat(disk.written.size()).isZero();
    assertThat(lost).isEqualTo(10_000);
  }

  @Test
  void whatCannotBeWrittenIsKeptAndThenCounted() throws IOException {
    var output = new FlakyOutput();
    long lost;
    try (var sink = new JsonLines(output)) {
      sink.begin(Records.SESSION);
      output.full = true;
      for (int i = 1; i <= 10_000; i++) {
        sink.write(Records.denied(i, "/x"));
      }
      sink.flush();
      output.full = false;
      sink.flush();
      sink.write(Records.denied(10_001, "/x"));
      lost = sink.lost();
    }
    List<LogLine> lines =
        output.written.toString(StandardCharsets.UTF_8).lines().map(LineReader::read).toList();
    long last = 0;
    long kept = 0;
    for (LogLine line : lines) {
      switch (line) {
        case LogLine.Call(_, var record) -> {
          assertThat(record.sequence()).isEqualTo(++last);
          kept++;
        }
        case LogLine.Gap(_, var gap) -> {
          assertThat(gap.from()).isEqualTo(last + 1);
          assertThat(gap.reason()).isEqualTo("No space left on device");
          last = gap.to();
        }
        default -> {}
      }
    }
    assertThat(last).isEqualTo(10_001);
    assertThat(kept).isBetween(1_000L, 9_999L);
    assertThat(lost).isEqualTo(10_001 - kept);
  }

  /// As when somebody else has had a database locked until then.
  @Test
  void whatIsLostIsAGapBeforeAnEndThatCanBeWritten() throws IOException {
    var output = new FlakyOutput();
    try (var sink = new JsonLines(output)) {
      sink.begin(Records.SESSION);
      output.full = true;
      for (int i = 1; i <= 10_000; i++) {
        sink.write(Records.denied(i, "/x"));
      }
      output.failures = 1;
    }
    Path log = Files.write(directory.resolve("log"), output.written.toByteArray());
    var verification = new Verification();
    verification.read(log);
    assertThat(verification.findings()).isEmpty();
    List<LogLine> lines = Files.readAllLines(log).stream().map(LineReader::read).toList();
    assertThat(lines.get(lines.size() - 2))
        .isInstanceOfSatisfying(
            LogLine.Gap.class, gap -> assertThat(gap.gap().to()).isEqualTo(10_000));
    assertThat(lines.getLast())
        .isInstanceOfSatisfying(LogLine.End.class, end -> assertThat(end.last()).isEqualTo(10_000));
  }

  /// Whoever wants no record to be lost would wait for ever.
  @Test
  void aPipeThatNobodyReadsAnyMoreIsNotWaitedFor() throws Exception {
    Path pipe = directory.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    var reader = new RandomAccessFile(pipe.toFile(), "rw"); // does not wait for a writer
    try (var sink = JsonLines.file(pipe)) {
      sink.begin(Records.SESSION);
      reader.close();
      for (int i = 1; i <= 5_000; i++) {
        sink.write(Records.denied(i, "/x"));
      }
      sink.flush();
      assertThat(sink.hasRoom()).isTrue();
      assertThat(sink.lost()).isEqualTo(5_000);
    }
  }

  private static final class FlakyOutput implements LineOutput {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private boolean full;

    /// How often it still fails, if that is not 0.
    private int failures;

    @Override
    public String name() {
      return "flaky";
    }

    @Override
    public void write(byte[] lines, int count) throws IOException {
      if (full) {
        full = --failures != 0;
        throw new IOException("No space left on device");
      }
      written.write(lines, 0, count);
    }

    @Override
    public void close() {}
  }

  @Test
  void aFullDeviceIsNoReasonToHang() throws IOException {
    try (var sink = JsonLines.file(Path.of("/dev/full"))) {
      sink.begin(Records.SESSION);
      for (int i = 1; i <= 5_000; i++) {
        sink.write(Records.denied(i, "/x"));
        sink.flush();
      }
    }
  }
}
