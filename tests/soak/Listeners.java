import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToLongFunction;

/// Many commands that open a file now and then, and in every second round one more that does
/// nothing else.
///
/// ```
/// Listeners PROGRAMS FILE COMMANDS CALLS SECONDS ROUNDS WORD...
/// ```
///
/// PROGRAMS is the directory of `paced` and `loop`, which the WORDs start under a supervisor. In a
/// round each of the COMMANDS but one makes so many CALLS in so many SECONDS. Writes a line for the
/// rounds with them alone and one for the others: how many calls they made, and how long these
/// took. The median and the 99th of a hundred are medians over the ROUNDS, because whatever else
/// the machine does comes in bursts. Reads a line before it ends, which is at once if a command
/// cannot open the file, or was not started.
public final class Listeners {
  private static final String FLOODING_THREADS = "8";
  private static final String FOR_EVER = "3600";

  /// Fewer than the clients that an agent waits for at once.
  private static final int ABREAST = 25;

  private Listeners() {}

  /// What each command took for its calls, in nanoseconds, sorted.
  private record Round(long[] took) {
    long quantile(double quantile) {
      return took[(int) (quantile * (took.length - 1))];
    }
  }

  public static void main(String[] args) throws Exception {
    String programs = args[0] + "/";
    String file = args[1];
    int others = Integer.parseInt(args[2]) - 1;
    int rounds = Integer.parseInt(args[5]);
    List<String> under = List.of(args).subList(6, args.length);
    var alone = new ArrayList<Round>();
    var flooded = new ArrayList<Round>();
    var paced = new ArrayList<Process>();
    for (int i = 0; i < others; i++) {
      paced.add(start(under, programs + "paced", file, args[3], args[4]));
      if (paced.size() % ABREAST == 0 || paced.size() == others) {
        round(paced.subList(paced.size() - (paced.size() - 1) % ABREAST - 1, paced.size()));
      }
    }
    for (int i = 0; i < rounds; i++) {
      alone.add(round(paced));
      var flood = start(under, programs + "loop", file, FOR_EVER, FLOODING_THREADS);
      try {
        flood.inputReader().readLine();
        flooded.add(round(paced));
      } finally {
        flood.destroyForcibly().waitFor();
      }
    }
    report("alone", alone);
    report("beside one that floods", flooded);
    System.in.read();
    for (Process each : paced) {
      each.outputWriter().close();
      each.waitFor();
    }
  }

  private static Process start(List<String> under, String program, String... arguments)
      throws IOException {
    var words = new ArrayList<>(under);
    words.add(program);
    words.addAll(List.of(arguments));
    return new ProcessBuilder(words).redirectError(Redirect.INHERIT).start();
  }

  private static Round round(List<Process> paced) throws IOException {
    for (Process each : paced) {
      each.outputWriter().write('\n');
      each.outputWriter().flush();
    }
    var times = new ArrayList<long[]>();
    for (Process each : paced) {
      String line = each.inputReader().readLine();
      if (line == null) {
        throw new IllegalStateException("process " + each.pid() + " could not open the file");
      }
      times.add(Arrays.stream(line.split(" ", -1)).mapToLong(Long::parseLong).toArray());
    }
    return new Round(times.stream().flatMapToLong(Arrays::stream).sorted().toArray());
  }

  private static void report(String how, List<Round> rounds) {
    System.out.printf(
        "%s: calls=%d p50_us=%d p99_us=%d slowest_us=%d%n",
        how,
        rounds.stream().mapToInt(round -> round.took().length).sum(),
        median(rounds, round -> round.quantile(0.5)) / 1000,
        median(rounds, round -> round.quantile(0.99)) / 1000,
        rounds.stream().mapToLong(round -> round.quantile(1)).max().orElseThrow() / 1000);
  }

  private static long median(List<Round> rounds, ToLongFunction<Round> of) {
    return rounds.stream().mapToLong(of).sorted().skip(rounds.size() / 2).findFirst().orElseThrow();
  }
}
