package dev.sluice.supervisor.audit.log;

import dev.sluice.supervisor.audit.store.SqliteLog;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// The lines of a log, with their places: those of a file, or the rows of a database.
public final class LogFiles {
  /// Longer than any line we write: a path takes at most 4 KiB, six times that in JSON.
  private static final int MAX_LINE = 1 << 20;

  /// @param bytes without the newline
  /// @param complete whether there was one
  public record Line(Path file, long number, byte[] bytes, boolean complete) {
    public String text() {
      return new String(bytes, StandardCharsets.UTF_8);
    }

    /// `FILE:LINE`, or of a database `FILE:ROW`
    public String place() {
      return file + ":" + number;
    }
  }

  /// Told of each line, in order.
  public interface Reader {
    void line(Line line);
  }

  private LogFiles() {}

  public static void read(Path file, Reader reader) throws IOException {
    if (SqliteLog.is(file)) {
      SqliteLog.read(file, 0, reader);
      return;
    }
    try (InputStream stream = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      var line = new ByteArrayOutputStream();
      long number = 1;
      for (int next = stream.read(); next >= 0; next = stream.read()) {
        if (next == '\n') {
          reader.line(new Line(file, number++, line.toByteArray(), true));
          line.reset();
        } else if (line.size() < MAX_LINE) {
          line.write(next);
        }
      }
      if (line.size() > 0) {
        reader.line(new Line(file, number, line.toByteArray(), false));
      }
    }
  }
}
