package dev.sluice.supervisor.kernel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/// Files of proc(5) with a `Name: value` on each line, read without what is being tested.
final class ProcText {
  private ProcText() {}

  static String field(String file, String name) {
    try {
      return java.nio.file.Files.readAllLines(Path.of(file)).stream()
          .filter(line -> line.startsWith(name + ":"))
          .map(line -> line.substring(name.length() + 1).strip())
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
