package dev.sluice.supervisor.syscall;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/// The format of the tables: one entry a line, fields separated by blanks, `#` for comments.
final class TableFile {
  private TableFile() {}

  static void read(String resource, Consumer<String[]> entry) {
    var stream = TableFile.class.getResourceAsStream(resource);
    if (stream == null) {
      throw new IllegalStateException("resource " + resource + " is missing from this build");
    }
    try (var reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (!line.isEmpty() && line.charAt(0) != '#') {
          entry.accept(line.split(" ", -1));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(resource, e);
    }
  }
}
