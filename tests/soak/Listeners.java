import dev.sluice.supervisor.Sluice;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToLongFunction;

/// Many commands under one supervisor, each behind a listener of its own, that open a file now and
/// then; and in every second round one more that does nothing else.
///
/// ```
/// Listeners PROGRAMS POLICY FILE LISTENERS CALLS SECONDS ROUNDS
/// ```
///
/// PROGRAMS is the directory of `paced` and `loop`. In a round each of the others makes so many CALLS
/// in so many SECONDS. Writes a line for the rounds with them alone and one for the others: how many
/// were served in every round, how many calls they made, and how long these took. The median and the
/// 99th of a hundred are medians over the ROUNDS, because whatever else the machine does comes in
/// bursts.
public final class Listeners {
  private static final String FLOODING_THREADS = "4";
  private static final String FOR_EVER = "3600";

  private Listeners() {}

  /// What each command took for its calls, in nanoseconds, sorted.
  private record Round(int served, long[] took) {
    long quantile(double quantile) {
      return took[(int) (quantile * (took.length - 1))];
    }
  }

  public static void main(String[] args) throws Exception {
    Path programs = Path.of(args[0]);
    String file = args[2];
    int others = Integer.parseInt(args[3]) - 1;
    int rounds = Integer.parseInt(args[6]);
    var alone = new ArrayList<Round>();
    var flooded = new ArrayList<Round>();
    try (var sluice = Sluice.policy(Path.of(args[1])).open()) {
      var paced = new ArrayList<Process>();
      for (int i = 0; i < others; i++) {
        paced.add(start(sluice, programs.resolve("paced"), file, args[4], args[5]));
      }
      for (int i = 0; i < rounds; i++) {
        alone.add(round(paced));
        var flood = start(sluice, programs.resolve("loop"), file, FOR_EVER, FLOODING_THREADS);
        flood.inputReader().readLine();
        flooded.add(round(paced));
        flood.destroyForcibly().waitFor();
      }
      for (Process each : paced) {
        each.outputWriter().close();
        each.waitFor();
      }
    }
    report("alone", alone);
    report("beside one that floods", flooded);
  }

  private static Process start(Sluice sluice, Path program, String... arguments)
      throws IOException {
    var words = new ArrayList<>(List.of(program.toString()));
    words.addAll(List.of(arguments));
    return sluice.start(new ProcessBuilder(words).redirectError(Redirect.INHERIT));
  }

  private static Round round(List<Process> paced) throws IOException {
    for (Process each : paced) {
      each.outputWriter().write('\n');
      each.outputWriter().flush();
    }
    var times = new ArrayList<long[]>();
    for (Process each : paced) {
      String line = each.inputReader().readLine();
      if (line != null) {
        times.add(Arrays.stream(line.split(" ", -1)).mapToLong(Long::parseLong).toArray());
      }
    }
    return new Round(times.size(), times.stream().flatMapToLong(Arrays::stream).sorted().toArray());
  }

  private static void report(String how, List<Round> rounds) {
    System.out.printf(
        "%s: served=%d calls=%d p50_us=%d p99_us=%d slowest_us=%d%n",
        how,
        rounds.stream().mapToInt(Round::served).min().orElseThrow(),
        rounds.stream().mapToInt(round -> round.took().length).sum(),
        median(rounds, round -> round.quantile(0.5)) / 1000,
        median(rounds, round -> round.quantile(0.99)) / 1000,
        rounds.stream().mapToLong(round -> round.quantile(1)).max().orElseThrow() / 1000);
  }

  private static long median(List<Round> rounds, ToLongFunction<Round> of) {
    return rounds.stream().mapToLong(of).sorted().skip(rounds.size() / 2).findFirst().orElseThrow();
  }
}
