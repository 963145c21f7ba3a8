package dev.sluice.supervisor.audit.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.audit.AuditGap;
import dev.sluice.supervisor.audit.JsonLines;
import dev.sluice.supervisor.audit.Records;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerificationTest {
  @TempDir private Path directory;

  private Path log(int records) throws IOException {
    Path file = directory.resolve("log");
    try (var sink = JsonLines.file(file)) {
      sink.begin(Records.SESSION);
      for (int i = 1; i <= records; i++) {
        sink.write(Records.denied(i, "/file" + i));
      }
    }
    return file;
  }

  private static List<String> verify(Path... files) throws IOException {
    var verification = new Verification();
    for (Path file : files) {
      verification.read(file);
    }
    return verification.findings().stream()
        .map(finding -> finding.where().replaceFirst(".*/", "") + ": " + finding.message())
        .toList();
  }

  private List<String> afterEdit(Consumer<List<String>> edit) throws IOException {
    Path file = log(10);
    var lines = new ArrayList<>(Files.readAllLines(file));
    edit.accept(lines);
    Files.write(file, lines);
    return verify(file);
  }

  @Test
  void whatWasWrittenIsWhole() throws IOException {
    assertThat(verify(log(1000))).isEmpty();
  }

  @Test
  void everyChangeIsFoundWhereItIs() throws IOException {
    assertThat(afterEdit(lines -> lines.set(4, lines.get(4).replace("/file4", "/file9"))))
        .containsExactly("log:5: this line, or what stands before it, was changed, moved or cut");
    assertThat(afterEdit(lines -> lines.remove(4)))
        .containsExactly(
            "log:5: this line, or what stands before it, was changed, moved or cut",
            "log:5: records 4 to 4 are missing");
    assertThat(afterEdit(lines -> Collections.swap(lines, 3, 4)))
        .first()
        .isEqualTo("log:4: this line, or what stands before it, was changed, moved or cut");
    assertThat(afterEdit(lines -> lines.add(5, lines.get(4))))
        .first()
        .isEqualTo("log:6: this line, or what stands before it, was changed, moved or cut");
    assertThat(afterEdit(lines -> lines.remove(0)))
        .containsExactly("log:1: the beginning is missing: session 5e551");
    assertThat(afterEdit(lines -> lines.set(2, "{}"))).first().asString().startsWith("log:3: this");
  }

  @Test
  void anEndThatIsCutOffIsFound() throws IOException {
    assertThat(afterEdit(List::removeLast))
        .singleElement()
        .asString()
        .startsWith("log:11: session 5e551 ends here without a closing record");
  }

  /// Whatever a supervisor that is killed leaves of its last line.
  @Test
  void aLastLineThatIsNotCompleteIsSaidToBeThat() throws IOException {
    Path file = log(3);
    byte[] bytes = Files.readAllBytes(file);
    int lastLine = new String(bytes, StandardCharsets.UTF_8).indexOf("{\"type\":\"end\"");
    for (int length = lastLine + 1; length < bytes.length; length += 7) {
      Files.write(file, Arrays.copyOf(bytes, length));
      assertThat(verify(file))
          .satisfiesExactly(
              first -> assertThat(first).startsWith("log:5: the last line is not complete"),
              second -> assertThat(second).startsWith("log:4: session 5e551 ends here"));
    }
  }

  /// Whoever can write a log must not be able to hide what is found with what it says.
  @Test
  void noTextOfALogTalksToATerminal() throws IOException {
    for (String member : List.of("\"session\":\"", "\"type\":\"")) {
      Path file = log(2);
      String hostile = member + "\\u001b[2J\\u202e";
      Files.writeString(file, Files.readString(file).replace(member, hostile));
      var verification = new Verification();
      verification.read(file);
      assertThat(verification.findings()).isNotEmpty();
      assertThat(verification.findings() + "\n" + verification.sessions())
          .contains("\\x1b[2J\\u{202e}")
          .doesNotContain("\u001b")
          .doesNotContain("\u202e");
    }
  }

  /// Wherever the end is cut off: between lines, in one, in front of its newline.
  @Test
  void everyTruncationIsFound() throws IOException {
    Path file = log(3);
    byte[] bytes = Files.readAllBytes(file);
    for (int length = 0; length < bytes.length; length++) {
      Files.write(file, Arrays.copyOf(bytes, length));
      var verification = new Verification();
      verification.read(file);
      boolean between = length > 0 && bytes[length - 1] == '\n';
      int firstLine = new String(bytes, StandardCharsets.UTF_8).indexOf('\n') + 1;
      assertThat(verification.findings())
          .as("%d of %d bytes", length, bytes.length)
          .hasSize((length >= firstLine ? 1 : 0) + (length == 0 || between ? 0 : 1));
      assertThat(verification.sessions()).hasSize(length >= firstLine ? 1 : 0);
    }
  }

  /// Wherever something is cut out, of whichever file.
  @Test
  void everyCutIsFound() throws IOException {
    Path file = directory.resolve("cut");
    try (var sink = JsonLines.rotating(file, 4_000)) {
      sink.begin(Records.SESSION);
      for (int i = 1; i <= 12; i++) {
        sink.write(Records.denied(i, "/file" + i));
        sink.flush();
      }
    }
    Path[] files = {directory.resolve("cut.000001"), directory.resolve("cut.000002"), file};
    assertThat(verify(files)).isEmpty();
    var random = new Random(11);
    for (int i = 0; i < 300; i++) {
      Path cut = files[random.nextInt(files.length)];
      byte[] whole = Files.readAllBytes(cut);
      int from = random.nextInt(whole.length);
      int to = from + 1 + random.nextInt(Math.min(whole.length - from, 2_000));
      var rest = Arrays.copyOf(whole, whole.length - (to - from));
      System.arraycopy(whole, to, rest, from, whole.length - to);
      Files.write(cut, rest);
      assertThat(verify(files)).as("%s without %d to %d", cut, from, to).isNotEmpty();
      Files.write(cut, whole);
    }
    assertThat(verify(files)).isEmpty();
  }

  @Test
  void everyByteCounts() throws IOException {
    Path file = log(5);
    byte[] bytes = Files.readAllBytes(file);
    var random = new Random(7);
    for (int i = 0; i < 300; i++) {
      byte[] changed = bytes.clone();
      int at = random.nextInt(bytes.length);
      changed[at] ^= (byte) (1 << random.nextInt(7));
      Files.write(file, changed);
      assertThat(verify(file)).as("byte " + at).isNotEmpty();
    }
  }

  @Test
  void aGapExplainsNumbersThatAreMissing() throws IOException {
    Path file = directory.resolve("gap");
    try (var sink = JsonLines.file(file)) {
      sink.begin(Records.SESSION);
      sink.write(Records.denied(1, "/a"));
      sink.lost(new AuditGap(2, 5, Instant.EPOCH, "no room"));
      sink.write(Records.denied(6, "/a"));
    }
    var verification = new Verification();
    verification.read(file);
    assertThat(verification.findings()).isEmpty();
    assertThat(verification.sessions().getFirst())
        .startsWith("session 5e551: 2 records, 4 lost, hash ");
  }

  @Test
  void filesThatTookEachOthersPlaceAreOneLog() throws IOException {
    Path file = directory.resolve("rotated");
    try (var sink = JsonLines.rotating(file, 4_000)) {
      sink.begin(Records.SESSION);
      for (int i = 1; i <= 40; i++) {
        sink.write(Records.denied(i, "/file" + i));
        sink.flush();
      }
    }
    List<Path> files;
    try (var all = Files.list(directory)) {
      files = new ArrayList<>(all.sorted().toList());
    }
    assertThat(files).hasSizeGreaterThan(4);
    Collections.rotate(files, -1); // the one without a number is the last
    assertThat(verify(files.toArray(Path[]::new))).isEmpty();
    assertThat(verify(files.get(1), files.get(2)))
        .first()
        .asString()
        .startsWith("rotated.000002:1: what comes before this file is missing");
    var without = new ArrayList<>(files);
    without.remove(2);
    assertThat(verify(without.toArray(Path[]::new)))
        .first()
        .asString()
        .startsWith("rotated.000004:1: this line, or what stands before it");
  }

  @Test
  void anotherSessionGoesOnBehindOneThatWasKilled() throws IOException {
    Path file = log(3);
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 5));
    try (var sink = JsonLines.rotating(file, 1 << 20)) {
      sink.begin(new dev.sluice.supervisor.audit.AuditSession("2", Instant.EPOCH, 0, 1, "h", "c"));
      sink.write(Records.denied(1, "/again"));
    }
    assertThat(verify(file))
        .satisfiesExactly(
            first -> assertThat(first).startsWith("log:5: this is no line of an audit log"),
            second -> assertThat(second).startsWith("log:4: session 5e551 ends here"));
  }
}
