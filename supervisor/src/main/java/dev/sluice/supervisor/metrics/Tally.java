package dev.sluice.supervisor.metrics;

import dev.sluice.supervisor.audit.AuditRecord.Outcome;
import dev.sluice.supervisor.target.CallKind;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Counts by call, rule and outcome, in a table with room for so many, and one more for all others
/// of each outcome. Written by one thread, read by any: a count is the last thing of an entry that
/// is written.
final class Tally {
  /// More than the calls and rules of a policy that one container makes use of.
  static final int MAX_ENTRIES = 256;

  /// The bounds are 4 µs times powers of two, up to 8 s; the last has what took longer.
  static final int BUCKETS = 23;

  private static final int SIZE = 2 * MAX_ENTRIES;

  /// Where the others begin, an entry for each outcome.
  private static final int OTHERS = SIZE;

  private static final int ALL = OTHERS + Outcome.values().length;
  private static final long FIRST_BOUND_MICROS = 4;
  private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);

  interface Reader {
    /// @param kind null for what found no room
    void entry(@Nullable CallKind kind, String rule, Outcome outcome, long count);
  }

  private final @Nullable CallKind[] kinds = new CallKind[ALL];
  private final String[] rules = new String[ALL];
  private final Outcome[] outcomes = new Outcome[ALL];
  private final long[] counts = new long[ALL];
  private final long[] latencies = new long[BUCKETS + 1];
  private int entries;

  Tally() {
    Arrays.fill(rules, OTHERS, ALL, "");
    Outcome[] all = Outcome.values();
    System.arraycopy(all, 0, outcomes, OTHERS, all.length);
  }

  void add(CallKind kind, String rule, Outcome outcome, long nanos) {
    increment(counts, indexOf(kind, rule, outcome), 1);
    increment(latencies, bucketOf(nanos), 1);
    increment(latencies, BUCKETS, nanos);
  }

  private int indexOf(CallKind kind, String rule, Outcome outcome) {
    int hash = 31 * (31 * kind.nr() + rule.hashCode()) + outcome.hashCode();
    int index = (hash ^ (hash >>> 15)) & (SIZE - 1);
    while (kinds[index] != null) {
      if (outcomes[index] == outcome && isSame(kinds[index], kind) && rules[index].equals(rule)) {
        return index;
      }
      index = (index + 1) & (SIZE - 1);
    }
    if (entries == MAX_ENTRIES) {
      int others = OTHERS;
      while (outcomes[others] != outcome) {
        others++;
      }
      return others;
    }
    entries++;
    rules[index] = rule;
    outcomes[index] = outcome;
    kinds[index] = kind;
    return index;
  }

  private static boolean isSame(@Nullable CallKind a, CallKind b) {
    return a != null && a.nr() == b.nr() && a.arch() == b.arch();
  }

  private static void increment(long[] array, int index, long by) {
    LONGS.setRelease(array, index, array[index] + by);
  }

  static int bucketOf(long nanos) {
    long quarters = Math.max(nanos - 1, 0) / (1000 * FIRST_BOUND_MICROS);
    return Math.min(Long.SIZE - Long.numberOfLeadingZeros(quarters), BUCKETS - 1);
  }

  /// The upper bound of a bucket but the last, in seconds.
  static double bound(int bucket) {
    return (FIRST_BOUND_MICROS << bucket) / 1e6;
  }

  void read(Reader reader) {
    for (int i = 0; i < counts.length; i++) {
      long count = (long) LONGS.getAcquire(counts, i);
      if (count > 0) {
        reader.entry(kinds[i], rules[i], outcomes[i], count);
      }
    }
  }

  /// Adds what was counted to `to`, which has the buckets and then the sum of nanoseconds.
  void readLatencies(long[] to) {
    for (int i = 0; i < to.length; i++) {
      to[i] += (long) LONGS.getAcquire(latencies, i);
    }
  }
}
