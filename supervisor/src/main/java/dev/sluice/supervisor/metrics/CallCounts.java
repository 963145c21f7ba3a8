package dev.sluice.supervisor.metrics;

import dev.sluice.supervisor.audit.AuditRecord.Outcome;
import dev.sluice.supervisor.listener.Recorder;
import dev.sluice.supervisor.listener.Recovered;
import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.Edition;
import dev.sluice.supervisor.policy.SafetyClass;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Task;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// What became of the calls of one container, and how long they took. On the event loop, counting
/// takes no lock and allocates nothing; workers have a table of their own, and take turns.
@SuppressWarnings("exports") // for the programs of Sluice itself
public final class CallCounts implements Recorder {
  /// What calls are told apart by.
  ///
  /// @param syscall `other` where the table has no room
  /// @param rule empty if the call failed before any could decide
  public record Key(String syscall, String rule, Outcome outcome) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      int order = syscall.compareTo(other.syscall);
      order = order != 0 ? order : rule.compareTo(other.rule);
      return order != 0 ? order : outcome.compareTo(other.outcome);
    }
  }

  /// From the notification to the answer.
  ///
  /// @param counts for each bound, how many took no longer than that but longer than the one
  ///   before; and one more for those that took longer than any
  public record Latencies(List<Double> boundsSeconds, List<Long> counts, double sumSeconds) {
    public long count() {
      return counts.stream().mapToLong(Long::longValue).sum();
    }
  }

  private final BooleanSupplier onLoop;
  private final Recorder next;
  private final Tally byLoop = new Tally();
  private final Tally byWorkers = new Tally();
  private final Map<Recovered, Integer> recovered = new EnumMap<>(Recovered.class);

  /// @param onLoop whether the current thread is the event loop
  /// @param next who is told after the call is counted
  public CallCounts(BooleanSupplier onLoop, Recorder next) {
    this.onLoop = onLoop;
    this.next = next;
  }

  @Override
  public long claim(Edition edition, Call call, @Nullable Decision decision, boolean mayWait) {
    return next.claim(edition, call, decision, mayWait);
  }

  @Override
  public void record(
      long place,
      Edition edition,
      Call call,
      @Nullable Task task,
      @Nullable Decision decision,
      Verdict verdict,
      SafetyClass safety,
      int result,
      long receivedNanos) {
    String rule = decision == null ? "" : decision.rule();
    Outcome outcome = Outcome.of(verdict, result);
    long nanos = System.nanoTime() - receivedNanos;
    if (onLoop.getAsBoolean()) {
      byLoop.add(call.kind(), rule, outcome, nanos);
    } else {
      synchronized (byWorkers) {
        byWorkers.add(call.kind(), rule, outcome, nanos);
      }
    }
    next.record(place, edition, call, task, decision, verdict, safety, result, receivedNanos);
  }

  /// Takes note of calls that somebody before us had received.
  public void recovered(Map<Recovered, Integer> calls) {
    synchronized (recovered) {
      calls.forEach((outcome, count) -> recovered.merge(outcome, count, Integer::sum));
    }
  }

  /// How many those were.
  public int recovered(Recovered outcome) {
    synchronized (recovered) {
      return recovered.getOrDefault(outcome, 0);
    }
  }

  /// The counts so far, in order.
  public Map<Key, Long> counts() {
    var counts = new TreeMap<Key, Long>();
    Tally.Reader reader =
        (kind, rule, outcome, count) ->
            counts.merge(
                new Key(kind == null ? "other" : kind.name(), rule, outcome), count, Long::sum);
    byLoop.read(reader);
    byWorkers.read(reader);
    return counts;
  }

  public Latencies latencies() {
    long[] buckets = new long[Tally.BUCKETS + 1];
    byLoop.readLatencies(buckets);
    byWorkers.readLatencies(buckets);
    var bounds = new ArrayList<Double>();
    var counts = new ArrayList<Long>();
    for (int i = 0; i < Tally.BUCKETS; i++) {
      counts.add(buckets[i]);
      if (i < Tally.BUCKETS - 1) {
        bounds.add(Tally.bound(i));
      }
    }
    return new Latencies(bounds, counts, buckets[Tally.BUCKETS] / 1e9);
  }
}
