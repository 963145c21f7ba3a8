package dev.sluice.bench;

import java.util.Collection;
import java.util.Locale;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/// Runs [PolicyBenchmark].
///
/// ```
/// PolicyFigures [quick]
/// ```
///
/// Writes a line `jmh BENCHMARK NANOSECONDS ERROR BYTES` for each benchmark: the mean of an
/// operation, half of its confidence interval of 99.9 %, and what it allocates.
public final class PolicyFigures {
  private static final TimeValue SHORT = TimeValue.milliseconds(100);

  private PolicyFigures() {}

  public static void main(String[] args) throws RunnerException {
    var options =
        new OptionsBuilder()
            .include(PolicyBenchmark.class.getName())
            .addProfiler(GCProfiler.class)
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT);
    if (args.length > 0 && args[0].equals("quick")) {
      options.forks(1).warmupIterations(3).warmupTime(SHORT);
      options.measurementIterations(3).measurementTime(SHORT);
    }
    print(new Runner(options.build()).run());
  }

  private static void print(Collection<RunResult> results) {
    for (RunResult result : results) {
      Result<?> time = result.getPrimaryResult();
      System.out.printf(
          Locale.ROOT,
          "jmh %s %.1f %.1f %.3f%n",
          time.getLabel(),
          time.getScore(),
          time.getScoreError(),
          result.getSecondaryResults().get("gc.alloc.rate.norm").getScore());
    }
  }
}
