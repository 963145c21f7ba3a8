package dev.sluice.supervisor.target;

import java.util.ArrayList;
import java.util.List;
import java.util.StringTokenizer;

/// /proc/PID/status of proc(5), parsed.
///
/// @param nstgids the process id in each pid namespace it is in, ours first
/// @param nspids the thread id likewise
/// @param parent the process id of its parent
/// @param threads how many threads its process has
/// @param isStopped whether a signal has stopped it
public record TaskStatus(
    String name,
    int tgid,
    int parent,
    int umask,
    List<Integer> nstgids,
    List<Integer> nspids,
    Credentials credentials,
    int threads,
    boolean isStopped,
    PendingSignals signals) {

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
        fields.getOrDefault("Name", ""),
        numbers(fields, "Tgid").getFirst(),
        numbers(fields, "PPid").getFirst(),
        Integer.parseInt(fields.getOrDefault("Umask", "0022"), 8),
        numbers(fields, "NStgid"),
        numbers(fields, "NSpid"),
        credentials,
        Integer.parseInt(fields.getOrDefault("Threads", "1")),
        fields.getOrDefault("State", "").startsWith("T"),
        new PendingSignals(
            bits(fields, "SigPnd"),
            bits(fields, "ShdPnd"),
            bits(fields, "SigBlk") | bits(fields, "SigIgn")));
  }

  private static List<Integer> numbers(Fields fields, String name) {
    var numbers = new ArrayList<Integer>();
    var words = new StringTokenizer(fields.getOrDefault(name, ""));
    while (words.hasMoreTokens()) {
      numbers.add(Integer.parseUnsignedInt(words.nextToken()));
    }
    return List.copyOf(numbers);
  }

  private static long bits(Fields fields, String name) {
    return Long.parseUnsignedLong(fields.getOrDefault(name, "0"), 16);
  }

  /// The lines `NAME:\tVALUE`. Of the sixty there are we need a few, and every program that is
  /// executed is looked at: so they are looked for rather than all read. What a name could forge is
  /// escaped by the kernel.
  private record Fields(String text) {
    String getOrDefault(String name, String otherwise) {
      int start = text.startsWith(name + ":") ? 0 : text.indexOf("\n" + name + ":") + 1;
      if (start == 0 && !text.startsWith(name + ":")) {
        return otherwise;
      }
      int end = text.indexOf('\n', start);
      return text.substring(start + name.length() + 1, end < 0 ? text.length() : end).strip();
    }
  }
}
