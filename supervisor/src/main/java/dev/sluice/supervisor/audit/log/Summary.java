package dev.sluice.supervisor.audit.log;

import dev.sluice.supervisor.audit.AuditRecord;
import dev.sluice.supervisor.audit.ByteText;
import dev.sluice.supervisor.audit.Denials;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// What many records say together.
public final class Summary {
  private static final int TOP = 10;

  private static final class Counts {
    long calls;
    long refused;
    long nanos;
  }

  private record Denial(String what, String rule, String allowing) {}

  private final Map<String, Counts> byCall = new TreeMap<>();
  private final Map<String, Long> byVerdict = new TreeMap<>();
  private final Map<String, Long> byObject = new HashMap<>();
  private final Map<Denial, Long> denials = new LinkedHashMap<>();
  private final Map<String, Long> shadows = new TreeMap<>();
  private long lost;

  public void add(AuditRecord record) {
    Counts counts = byCall.computeIfAbsent(record.syscall(), _ -> new Counts());
    counts.calls++;
    counts.nanos += record.latencyNanos();
    if (record.outcome() == AuditRecord.Outcome.REFUSED) {
      counts.refused++;
    }
    String verdict =
        record.syscall()
            + " "
            + record.action()
            + " "
            + record.outcome().name().toLowerCase(Locale.ROOT);
    byVerdict.merge(verdict, 1L, Long::sum);
    String object = CallText.object(record);
    if (!object.isEmpty()) {
      byObject.merge(object, 1L, Long::sum);
    }
    record
        .shadow()
        .ifPresent(shadow -> shadows.merge(record.syscall() + " " + shadow.text(), 1L, Long::sum));
    if (record.isDenial()) {
      var denial =
          new Denial(
              record.syscall() + " " + object + ": " + record.errno().orElse(record.action()),
              record.rule().orElse(""),
              Denials.allowing(record).orElse(""));
      denials.merge(denial, 1L, Long::sum);
    }
  }

  /// Adds records that were lost.
  public void addLost(long count) {
    lost += count;
  }

  /// Counts by call, action and outcome, the paths and addresses that occur most, and what was
  /// denied, with the rule that would allow it.
  public List<String> lines() {
    var lines = new ArrayList<String>();
    lines.add("%10s  %s".formatted("records", "call, action, outcome"));
    byVerdict.entrySet().stream()
        .sorted(byCount())
        .forEach(entry -> lines.add("%10d  %s".formatted(entry.getValue(), entry.getKey())));
    if (lost > 0) {
      lines.add("%10d  lost".formatted(lost));
    }
    if (!byObject.isEmpty()) {
      lines.add("");
      lines.add("%10s  %s".formatted("records", "path or address"));
      byObject.entrySet().stream()
          .sorted(byCount())
          .limit(TOP)
          .forEach(entry -> lines.add("%10d  %s".formatted(entry.getValue(), entry.getKey())));
    }
    if (!denials.isEmpty()) {
      lines.add("");
      lines.add("%10s  %s".formatted("denied", "what, by which rule, and the rule that allows it"));
      denials.forEach((denial, count) -> {
        lines.add("%10d  %s by '%s'".formatted(count, denial.what, denial.rule));
        if (!denial.allowing.isEmpty()) {
          lines.add("            " + denial.allowing);
        }
      });
    }
    if (!shadows.isEmpty()) {
      lines.add("");
      lines.add(
          "%10s  %s".formatted("records", "what the policy that is tried out would do instead"));
      shadows.entrySet().stream()
          .sorted(byCount())
          .forEach(entry -> lines.add("%10d  %s".formatted(entry.getValue(), entry.getKey())));
    }
    return lines.stream().map(ByteText::harmless).toList();
  }

  /// A table like that of `strace -c`. The time is that from receiving a call to answering it: of
  /// what the kernel executes itself, only its decision.
  public List<String> table() {
    long total = byCall.values().stream().mapToLong(counts -> counts.nanos).sum();
    var lines = new ArrayList<String>();
    String rule = "------ ----------- ----------- --------- --------- ----------------";
    lines.add(
        "%6s %11s %11s %9s %9s %s"
            .formatted("% time", "seconds", "usecs/call", "calls", "errors", "syscall"));
    lines.add(rule);
    byCall.entrySet().stream()
        .sorted(Comparator.comparingLong(entry -> -entry.getValue().nanos))
        .forEach(entry -> lines.add(row(entry.getKey(), entry.getValue(), total)));
    lines.add(rule);
    var all = new Counts();
    byCall
        .values()
        .forEach(counts -> {
          all.calls += counts.calls;
          all.refused += counts.refused;
          all.nanos += counts.nanos;
        });
    lines.add(row("total", all, total));
    return lines;
  }

  private static String row(String name, Counts counts, long total) {
    return "%6.2f %11.6f %11.1f %9d %9s %s"
        .formatted(
            total == 0 ? 0 : 100.0 * counts.nanos / total,
            counts.nanos / 1e9,
            counts.calls == 0 ? 0 : counts.nanos / 1e3 / counts.calls,
            counts.calls,
            counts.refused == 0 ? "" : "" + counts.refused,
            name);
  }

  private static Comparator<Map.Entry<String, Long>> byCount() {
    return Comparator.comparingLong((Map.Entry<String, Long> entry) -> -entry.getValue())
        .thenComparing(Map.Entry::getKey);
  }
}
