package dev.sluice.tests.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What came of a command.
public record Run(List<String> command, int status, String out, String err, Optional<Path> audit) {

  /// The audit records, if it was supervised. What it left behind may add more.
  public List<Entry> records() {
    try {
      return Files.readAllLines(audit.orElseThrow()).stream()
          .filter(Entry::isCall)
          .map(Entry::parse)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public long recordCount() {
    try (var lines = Files.lines(audit.orElseThrow())) {
      return lines.filter(Entry::isCall).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The records one rule left.
  public List<Entry> recordsOf(String rule) {
    return records().stream().filter(entry -> entry.text("rule").equals(rule)).toList();
  }

  /// The lines of its output.
  public List<String> lines() {
    return out.lines().toList();
  }

  /// The lines of its output that are not those of another, each with what stands there instead.
  public List<String> differencesFrom(Run natively) {
    List<String> left = natively.lines();
    List<String> right = lines();
    var differences = new ArrayList<String>();
    for (int i = 0; i < Math.max(left.size(), right.size()); i++) {
      String expected = i < left.size() ? left.get(i) : "nothing";
      String actual = i < right.size() ? right.get(i) : "nothing";
      if (!expected.equals(actual)) {
        differences.add(expected + "\n  but mediated: " + actual);
      }
    }
    return differences;
  }

  /// The same but for openat2 with O_PATH: see `transparency.md`.
  public List<String> differencesOfOpensFrom(Run natively) {
    return differencesFrom(natively).stream()
        .filter(each -> !each.matches("(?s).*: openat2 .* flags 010000000 .*: openat2 +ENOSYS"))
        .toList();
  }

  /// Fails the test unless it ended with status 0, and said nothing on standard error.
  public Run mustSucceed() {
    if (status != 0 || !err.isEmpty()) {
      throw new AssertionError(toString());
    }
    return this;
  }

  @Override
  public String toString() {
    return "%s%nstatus: %d%nout: %s%nerr: %s"
        .formatted(String.join(" ", command), status, out, err);
  }
}
