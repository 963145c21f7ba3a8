package dev.sluice.supervisor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What this kernel lets this user do, as `sluice-probe` finds out by doing it.
public final class Features {
  private final Map<String, String> values;

  private Features(Map<String, String> values) {
    this.values = values;
  }

  /// Runs the probe at `program` for some features, or for all if none is named.
  static Features probe(Path program, String... names) throws IOException {
    var command = new ArrayList<>(List.of(program.toString()));
    command.addAll(List.of(names));
    var process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    var values = new LinkedHashMap<String, String>();
    try (var output = process.inputReader(StandardCharsets.US_ASCII)) {
      output
          .lines()
          .forEach(line -> {
            int blank = line.indexOf(' ');
            values.put(line.substring(0, blank), line.substring(blank + 1));
          });
    }
    return new Features(values);
  }

  /// Finds out everything.
  public static Features probe() {
    try (var session = Session.create()) {
      return probe(session.program("sluice-probe"));
    } catch (IOException e) {
      throw new SluiceException("the probe cannot run: " + e.getMessage(), e);
    }
  }

  /// Whether a feature is there.
  public boolean has(String name) {
    return values.getOrDefault(name, "no").equals("yes");
  }

  /// `yes`, a number, or `no` and an errno.
  public String describe(String name) {
    return values.getOrDefault(name, "no");
  }
}
