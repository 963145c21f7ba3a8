package dev.sluice.tests.attack;

import dev.sluice.tests.harness.Run;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What an attack counted: the last line of its output, as in `attempts=12 wins=0`.
record Counts(Map<String, Long> numbers) {
  private static final Pattern NUMBER = Pattern.compile("(\\w+)=(\\d+)");

  /// Of a run without a word on standard error.
  static Counts of(Run run) {
    return parse(run.mustSucceed().lines().getLast());
  }

  static Counts parse(String line) {
    return new Counts(
        NUMBER
            .matcher(line)
            .results()
            .collect(Collectors.toMap(m -> m.group(1), m -> Long.valueOf(m.group(2)))));
  }

  long of(String name) {
    Long number = numbers.get(name);
    if (number == null) {
      throw new AssertionError("no " + name + " in " + numbers);
    }
    return number;
  }
}
