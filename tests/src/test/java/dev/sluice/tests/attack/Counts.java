package dev.sluice.tests.attack;

import dev.sluice.tests.harness.Run;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What an attack counted: the last line of its output, as in `attempts=12 wins=0`.
record Counts(Map<String, Long> numbers) {
  private static final Pattern NUMBER = Pattern.compile("(\\w+)=(\\d+)");

  private static final int MAX_RUNS = 30;

  /// Of a run without a word on standard error.
  static Counts of(Run run) {
    return parse(run.mustSucceed().lines().getLast());
  }

  /// Of the first of many runs that has wins, or of the last: whether two threads meet at all is up
  /// to a busy machine.
  static Counts ofFirstWithWins(Supplier<Run> runs) {
    Counts counts = of(runs.get());
    for (int i = 1; i < MAX_RUNS && counts.of("wins") == 0; i++) {
      counts = of(runs.get());
    }
    return counts;
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
