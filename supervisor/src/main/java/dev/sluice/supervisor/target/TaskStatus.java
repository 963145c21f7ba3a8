package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Errno;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.StringTokenizer;

/// /proc/PID/status of proc(5), parsed.
///
/// @param nstgids the process id in each pid namespace it is in, ours first
/// @param nspids the thread id likewise
/// @param parent the process id of its parent
/// @param threads how many threads its process has
/// @param state a letter: R if it runs, S if it sleeps, D if only a fatal signal, or none, ends
///   that, T if a signal has stopped it, t if a tracer has, Z or X if it has ended
public record TaskStatus(
    String name,
    int tgid,
    int parent,
    List<Integer> nstgids,
    List<Integer> nspids,
    Credentials credentials,
    int threads,
    char state,
    PendingSignals signals) {
  /// A task that is ending has none any more.
  private static final String NO_UMASK = "0022";

  /// Throws [Abort] with EPERM if something is not there that is of every task: nothing is taken
  /// for none.
  static TaskStatus parse(String text) {
    var fields = new Fields(text);
    var credentials =
        new Credentials(
            numbers(fields, "Uid"),
            numbers(fields, "Gid"),
            numbers(fields, "Groups"),
            bits(fields, "CapPrm"),
            bits(fields, "CapEff"));
    return new TaskStatus(
        fields.get("Name"),
        numbers(fields, "Tgid").getFirst(),
        numbers(fields, "PPid").getFirst(),
        numbers(fields, "NStgid"),
        numbers(fields, "NSpid"),
        credentials,
        Integer.parseInt(fields.get("Threads")),
        fields.get("State").charAt(0),
        new PendingSignals(
            bits(fields, "SigPnd"),
            bits(fields, "ShdPnd"),
            bits(fields, "SigBlk") | bits(fields, "SigIgn")));
  }

  /// Its umask(2) alone.
  static int umask(String text) {
    return Integer.parseInt(new Fields(text).find("Umask").orElse(NO_UMASK), 8);
  }

  /// How many seccomp filters it has (Linux 5.9) alone; 0 if the kernel does not say.
  static int filters(String text) {
    return new Fields(text).find("Seccomp_filters").map(Integer::parseInt).orElse(0);
  }

  /// Whether a signal has stopped it.
  boolean isStopped() {
    return state == 'T';
  }

  /// Whether it has ended. The first thread of a process that has others stays, and takes nothing.
  boolean hasEnded() {
    return state == 'Z' || state == 'X';
  }

  private static List<Integer> numbers(Fields fields, String name) {
    var numbers = new ArrayList<Integer>();
    var words = new StringTokenizer(fields.get(name));
    while (words.hasMoreTokens()) {
      numbers.add(Integer.parseUnsignedInt(words.nextToken()));
    }
    return List.copyOf(numbers);
  }

  private static long bits(Fields fields, String name) {
    return Long.parseUnsignedLong(fields.get(name), 16);
  }

  /// The lines `NAME:\tVALUE`. Of the sixty there are we need a few, and every program that is
  /// executed is looked at: so they are looked for rather than all read. What a name could forge is
  /// escaped by the kernel.
  private record Fields(String text) {
    String get(String name) {
      return find(name).orElseThrow(() -> Abort.errno(Errno.EPERM));
    }

    Optional<String> find(String name) {
      int start = text.startsWith(name + ":") ? 0 : text.indexOf("\n" + name + ":") + 1;
      int end = text.indexOf('\n', start);
      if (end < 0 || !text.startsWith(name + ":", start)) {
        return Optional.empty();
      }
      return Optional.of(text.substring(start + name.length() + 1, end).strip());
    }
  }
}
