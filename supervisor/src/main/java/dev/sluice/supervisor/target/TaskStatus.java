package dev.sluice.supervisor.target;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// /proc/PID/status of proc(5), parsed.
///
/// @param nstgids the process id in each pid namespace it is in, ours first
/// @param nspids the thread id likewise
/// @param threads how many threads its process has
public record TaskStatus(
    String name,
    int tgid,
    int umask,
    List<Integer> nstgids,
    List<Integer> nspids,
    Credentials credentials,
    int threads,
    PendingSignals signals) {

  static TaskStatus parse(String text) {
    var fields = new HashMap<String, String>();
    for (String line : text.split("\n", -1)) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        fields.putIfAbsent(line.substring(0, colon), line.substring(colon + 1).strip());
      }
    }
    var credentials =
        new Credentials(
            numbers(fields, "Uid"),
            numbers(fields, "Gid"),
            numbers(fields, "Groups"),
            bits(fields, "CapEff"));
    return new TaskStatus(
        fields.getOrDefault("Name", ""),
        numbers(fields, "Tgid").getFirst(),
        Integer.parseInt(fields.getOrDefault("Umask", "0022"), 8),
        numbers(fields, "NStgid"),
        numbers(fields, "NSpid"),
        credentials,
        Integer.parseInt(fields.getOrDefault("Threads", "1")),
        new PendingSignals(
            bits(fields, "SigPnd"),
            bits(fields, "ShdPnd"),
            bits(fields, "SigBlk") | bits(fields, "SigIgn")));
  }

  private static List<Integer> numbers(Map<String, String> fields, String name) {
    var numbers = new ArrayList<Integer>();
    for (String number : fields.getOrDefault(name, "").split("\\s+", -1)) {
      if (!number.isEmpty()) {
        numbers.add(Integer.parseUnsignedInt(number));
      }
    }
    return List.copyOf(numbers);
  }

  private static long bits(Map<String, String> fields, String name) {
    return Long.parseUnsignedLong(fields.getOrDefault(name, "0"), 16);
  }
}
