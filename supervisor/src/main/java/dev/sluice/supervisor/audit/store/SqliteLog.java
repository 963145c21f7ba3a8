package dev.sluice.supervisor.audit.store;

import dev.sluice.supervisor.audit.JsonLines;
import dev.sluice.supervisor.audit.log.LogFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/// An audit log in an SQLite database: the lines of [JsonLines], each in a row, whose hashes prove
/// there what they prove in a file.
public final class SqliteLog {
  private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);

  private SqliteLog() {}

  /// A sink for records, which goes on where earlier sessions have ended. Others may write to the
  /// same database meanwhile, and read it.
  ///
  /// @throws IOException if the file cannot be written, or is another program's
  public static JsonLines open(Path file) throws IOException {
    return new JsonLines(LineTable.open(file));
  }

  /// Whether a file is a database, of whatever.
  public static boolean is(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      return false; // to read from a pipe would take what is in it
    }
    try (InputStream stream = Files.newInputStream(file)) {
      return Arrays.equals(stream.readNBytes(MAGIC.length), MAGIC);
    }
  }

  /// Reads the lines behind that of a number, 0 for all of them, as they were when this was called.
  ///
  /// @throws IOException if the database cannot be read, or is another program's
  public static void read(Path file, long after, LogFiles.Reader reader) throws IOException {
    LineTable.read(file, after, reader);
  }
}
