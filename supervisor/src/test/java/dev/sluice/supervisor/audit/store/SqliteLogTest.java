package dev.sluice.supervisor.audit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.supervisor.audit.AuditRecord;
import dev.sluice.supervisor.audit.AuditSession;
import dev.sluice.supervisor.audit.JsonLines;
import dev.sluice.supervisor.audit.Records;
import dev.sluice.supervisor.audit.log.LineReader;
import dev.sluice.supervisor.audit.log.LogFiles;
import dev.sluice.supervisor.audit.log.LogLine;
import dev.sluice.supervisor.audit.log.Verification;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SqliteLogTest {
  @TempDir private Path directory;

  private Path log(int records) throws IOException {
    Path file = directory.resolve("log.db");
    Files.deleteIfExists(file);
    write(file, Records.SESSION, records);
    return file;
  }

  private static void write(Path file, AuditSession session, int records) throws IOException {
    try (var sink = SqliteLog.open(file)) {
      sink.begin(session);
      for (int i = 1; i <= records; i++) {
        sink.write(Records.denied(i, "/file" + i));
      }
    }
  }

  private static Connection connect(Path file) throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + file);
  }

  private static List<String> lines(Path file) throws IOException {
    var lines = new ArrayList<String>();
    LogFiles.read(file, line -> lines.add(line.text()));
    return lines;
  }

  private static List<String> verify(Path file) throws IOException {
    var verification = new Verification();
    verification.read(file);
    return verification.findings().stream()
        .map(finding -> finding.where().replaceFirst(".*/", "") + ": " + finding.message())
        .toList();
  }

  private static String cell(Path file, String query) throws SQLException {
    try (Connection connection = connect(file);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      return String.valueOf(rows.getString(1));
    }
  }

  @Test
  void whatIsNoFileIsLeftAlone() {
    assertThatThrownBy(() -> SqliteLog.open(Path.of("/dev/null")))
        .isInstanceOf(IOException.class)
        .hasMessage("it is no regular file");
  }

  @Test
  void aDatabaseHasTheLinesThatAFileWouldHave() throws IOException {
    Path file = log(1000);
    var stream = new ByteArrayOutputStream();
    try (var sink = new JsonLines(stream, true)) {
      sink.begin(Records.SESSION);
      for (int i = 1; i <= 1000; i++) {
        sink.write(Records.denied(i, "/file" + i));
      }
    }
    List<String> expected = stream.toString(StandardCharsets.UTF_8).lines().toList();
    List<String> actual = lines(file);
    // the last one has the time
    assertThat(actual.subList(0, 1001)).isEqualTo(expected.subList(0, 1001));
    assertThat(actual).hasSize(1002);
    assertThat(verify(file)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "UPDATE line SET json = replace(json, '/file4', '/file9') WHERE number = 5"
            + " | log.db:5: this line, or what stands before it, was changed, moved or cut",
        "DELETE FROM line WHERE number = 5"
            + " | log.db:6: this line, or what stands before it, was changed, moved or cut",
        "UPDATE line SET number = 100 - number"
            + " | log.db:88: the beginning is missing: session 5e551",
        "INSERT INTO line SELECT 100, json FROM line WHERE number = 5"
            + " | log.db:100: this line, or what stands before it, was changed, moved or cut",
        "DELETE FROM line WHERE number = 1 | log.db:2: the beginning is missing: session 5e551",
        "UPDATE line SET json = '' WHERE number = 3"
            + " | log.db:3: this is no line of an audit log: this is no JSON object",
      })
  void everyChangeIsFoundWhereItIs(String change, String finding) throws Exception {
    Path file = log(10);
    try (Connection connection = connect(file);
        Statement statement = connection.createStatement()) {
      statement.executeUpdate(change);
    }
    assertThat(verify(file)).first().isEqualTo(finding);
  }

  /// Its write-ahead log has arguments and environments as well.
  @Test
  void onlyItsOwnerMayReadIt() throws IOException {
    Path file = directory.resolve("own.db");
    try (var sink = SqliteLog.open(file)) {
      sink.begin(Records.SESSION);
      for (String each : List.of("own.db", "own.db-wal", "own.db-shm")) {
        assertThat(Files.getPosixFilePermissions(directory.resolve(each)))
            .as(each)
            .containsExactlyInAnyOrder(
                PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
      }
    }
  }

  @Test
  void anEndThatIsCutOffIsFound() throws Exception {
    Path file = log(3);
    try (Connection connection = connect(file);
        Statement statement = connection.createStatement()) {
      statement.executeUpdate("DELETE FROM line WHERE number = 5");
    }
    assertThat(verify(file))
        .singleElement()
        .asString()
        .startsWith("log.db:4: session 5e551 ends here without a closing record");
  }

  @Test
  void sessionsFollowEachOtherAndMayGoOnAtTheSameTime() throws IOException {
    Path file = log(3);
    try (var one = SqliteLog.open(file);
        var other = SqliteLog.open(file)) {
      one.begin(new AuditSession("1", Instant.EPOCH, 0, 1, "h", "c"));
      other.begin(new AuditSession("2", Instant.EPOCH, 0, 2, "h", "c"));
      for (int i = 1; i <= 20; i++) {
        one.write(Records.denied(i, "/one"));
        one.flush();
        other.write(Records.denied(i, "/other"));
        other.flush();
      }
    }
    assertThat(lines(file)).hasSize(5 + 2 * 22);
    assertThat(verify(file)).isEmpty();
  }

  /// A name may hold every byte but NUL and slash.
  @Test
  void noByteOfANameIsLostOrTakenForSomethingElse() throws Exception {
    var bytes = new byte[255];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i + 1);
    }
    AuditRecord odd = Records.denied(1, "a'b\n", bytes);
    AuditRecord lengthy = Records.denied(2, "/" + "\u001b".repeat(4095));
    AuditRecord quoted = Records.denied(3, "/'); DROP TABLE line; --");
    Path file = directory.resolve("a'b?%20#.db");
    try (var sink = SqliteLog.open(file)) {
      sink.begin(Records.SESSION);
      sink.write(odd);
      sink.write(lengthy);
      sink.write(quoted);
    }
    List<String> lines = lines(file);
    assertThat(String.join("", lines).chars()).allMatch(c -> c >= ' ' && c < 0x7f);
    var read = new ArrayList<AuditRecord>();
    for (String line : lines) {
      if (LineReader.read(line) instanceof LogLine.Call(_, AuditRecord record)) {
        read.add(record);
      }
    }
    assertThat(read).containsExactly(odd, lengthy, quoted);
    assertThat(verify(file)).isEmpty();
  }

  @Test
  void whoAsksTheDatabaseSeesTheMembersOfCalls() throws Exception {
    Path file = log(3);
    assertThat(cell(file, "SELECT path FROM call WHERE seq = 2 AND action = 'deny'"))
        .isEqualTo("/file2");
    assertThat(cell(file, "SELECT count(*) FROM call WHERE errno = 'EACCES'")).isEqualTo("3");
    assertThat(cell(file, "SELECT count(*) FROM gap")).isEqualTo("0");
  }

  @Test
  void whatSomebodyElseKeepsFromBeingWrittenIsWrittenLater() throws Exception {
    Path file = directory.resolve("busy.db");
    try (var sink = SqliteLog.open(file)) {
      sink.begin(Records.SESSION);
      try (Connection other = connect(file);
          Statement statement = other.createStatement()) {
        statement.execute("BEGIN IMMEDIATE");
        sink.write(Records.denied(1, "/one"));
        sink.flush();
        assertThat(lines(file)).hasSize(1);
        statement.execute("ROLLBACK");
      }
      sink.flush();
      assertThat(lines(file)).hasSize(2);
    }
    assertThat(verify(file)).isEmpty();
  }

  @Test
  void theDatabaseOfAnotherProgramIsLeftAlone() throws Exception {
    Path file = directory.resolve("other.db");
    try (Connection connection = connect(file);
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE mine (x)");
    }
    byte[] before = Files.readAllBytes(file);
    assertThatThrownBy(() -> SqliteLog.open(file))
        .isInstanceOf(IOException.class)
        .hasMessage("it is the database of another program");
    assertThatThrownBy(() -> LogFiles.read(file, _ -> {}))
        .isInstanceOf(IOException.class)
        .hasMessage("it is the database of another program");
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
  }

  @Test
  void whatIsNoDatabaseIsLeftAlone() throws Exception {
    Path file = Files.writeString(directory.resolve("text"), "a text\n".repeat(200));
    assertThatThrownBy(() -> SqliteLog.open(file)).isInstanceOf(IOException.class);
    assertThat(file).hasContent("a text\n".repeat(200));
    assertThatThrownBy(() -> SqliteLog.open(directory.resolve("no/such")))
        .isInstanceOf(java.nio.file.NoSuchFileException.class);
  }
}
