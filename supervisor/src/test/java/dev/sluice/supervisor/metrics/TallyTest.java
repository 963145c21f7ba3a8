package dev.sluice.supervisor.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.sluice.supervisor.audit.AuditRecord.Outcome;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.CallKind;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TallyTest {
  private static final CallKind OPENAT = CallKind.named(Arch.X86_64, "openat").orElseThrow();
  private static final CallKind MKDIR = CallKind.named(Arch.X86_64, "mkdir").orElseThrow();

  private final Tally tally = new Tally();

  private Map<String, Long> read() {
    var counts = new TreeMap<String, Long>();
    tally.read((kind, rule, outcome, count) ->
        counts.put((kind == null ? "other" : kind.name()) + " " + rule + " " + outcome, count));
    return counts;
  }

  @Test
  void callsRulesAndOutcomesAreToldApart() {
    tally.add(OPENAT, "a", Outcome.REFUSED, 1);
    tally.add(OPENAT, "a", Outcome.REFUSED, 1);
    tally.add(OPENAT, "a", Outcome.PERFORMED, 1);
    tally.add(OPENAT, "b", Outcome.REFUSED, 1);
    tally.add(MKDIR, "ab".substring(0, 1), Outcome.REFUSED, 1);
    // a policy that was reloaded has names and kinds of its own
    tally.add(CallKind.named(Arch.X86_64, "mkdir").orElseThrow(), "a", Outcome.REFUSED, 1);

    assertThat(read())
        .isEqualTo(
            Map.of(
                "openat a REFUSED", 2L,
                "openat a PERFORMED", 1L,
                "openat b REFUSED", 1L,
                "mkdir a REFUSED", 2L));
  }

  @Test
  void whatFindsNoRoomIsCountedTogether() {
    for (int i = 0; i < Tally.MAX_ENTRIES + 10; i++) {
      tally.add(OPENAT, "rule " + i, Outcome.REFUSED, 1);
    }
    tally.add(OPENAT, "rule 0", Outcome.REFUSED, 1);
    for (Outcome outcome : Outcome.values()) {
      tally.add(MKDIR, "another", outcome, 1);
    }

    assertThat(read())
        .hasSize(Tally.MAX_ENTRIES + Outcome.values().length)
        .containsEntry("openat rule 0 REFUSED", 2L)
        .containsEntry("other  REFUSED", 11L)
        .containsEntry("other  KILLED", 1L)
        .containsEntry("other  OBSERVED", 1L);
  }

  @Test
  void aLatencyIsInTheFirstBucketWhoseBoundItDoesNotExceed() {
    assertThat(Tally.bucketOf(0)).isZero();
    assertThat(Tally.bucketOf(4_000)).isZero();
    assertThat(Tally.bucketOf(4_001)).isEqualTo(1);
    assertThat(Tally.bucketOf(8_000)).isEqualTo(1);
    assertThat(Tally.bucketOf(8_001)).isEqualTo(2);
    assertThat(Tally.bound(2)).isEqualTo(16e-6);
    assertThat(Tally.bucketOf(Long.MAX_VALUE)).isEqualTo(Tally.BUCKETS - 1);
  }

  @Test
  void countingAllocatesNothing() {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (int i = 0; i < 20_000; i++) {
      tally.add(OPENAT, "a", Outcome.REFUSED, i);
    }
    long before = threads.getCurrentThreadAllocatedBytes();
    long measuring = threads.getCurrentThreadAllocatedBytes() - before;
    before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < 10_000; i++) {
      tally.add(MKDIR, "b", Outcome.PERFORMED, i);
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;

    assertThat(allocated).isLessThanOrEqualTo(measuring + 1_000);
  }
}
