package dev.sluice.supervisor.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.policy.AuditMode;
import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.Location;
import dev.sluice.supervisor.policy.SafetyClass;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Calls;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class AuditLogTest {
  private static final Decision DENY = decision(AuditMode.ALWAYS);

  private static Decision decision(AuditMode mode) {
    return new Decision("rule", new Location("p.yaml", 1, 1), "deny", Verdict.Fail.of(1), mode, 0);
  }

  /// Keeps records, and writes none before it is let go.
  private static final class SlowSink implements AuditSink {
    private final List<AuditRecord> records = new ArrayList<>();
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch go = new CountDownLatch(1);

    @Override
    public void write(AuditRecord record) {
      entered.countDown();
      try {
        go.await();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      records.add(record);
    }
  }

  private static void record(AuditLog log, Call call, Decision decision) {
    log.record(
        call, null, decision, decision.verdict(), SafetyClass.EMULATED, 0, System.nanoTime());
  }

  @Test
  void whatFindsNoRoomIsCountedInTheNextRecordAndLeavesAGap() throws Exception {
    var sink = new SlowSink();
    var call = Calls.of(Arch.X86_64, "openat");
    int attempts = 10_000;
    try (var log = new AuditLog(List.of(sink))) {
      record(log, call, DENY);
      sink.entered.await();
      for (int i = 1; i < attempts; i++) {
        record(log, call, DENY);
      }
      sink.go.countDown();
      log.flush();
      record(log, call, DENY);
    }
    AuditRecord last = sink.records.getLast();
    assertThat(last.lost()).isEqualTo(attempts + 1L - sink.records.size()).isPositive();
    assertThat(last.sequence()).isEqualTo(attempts + 1L);
    assertThat(sink.records.subList(0, sink.records.size() - 1))
        .allMatch(record -> record.lost() == 0);
  }

  @Test
  void aRecordIsACopyOfTheCall() {
    var sink = new SlowSink();
    sink.go.countDown();
    var call = Calls.of(Arch.X86_64, "openat", 1, 2, 3);
    Calls.givePath(call, 0, "relative");
    try (var log = new AuditLog(List.of(sink))) {
      record(log, call, DENY);
      Calls.givePinned(call, 0, "/resolved");
      record(log, call, DENY);
      call.letGo();
      record(log, call, DENY);
      record(log, call, decision(AuditMode.NEVER));
    }
    assertThat(sink.records).extracting(AuditRecord::sequence).containsExactly(1L, 2L, 3L);
    assertThat(sink.records)
        .allMatch(record -> record.args().equals(List.of(1L, 2L, 3L, 0L, 0L, 0L)));
    assertThat(sink.records.get(0).paths().getFirst().path()).asString().isEqualTo("relative");
    assertThat(sink.records.get(0).paths().getFirst().resolved()).isFalse();
    assertThat(sink.records.get(1).paths().getFirst().path()).asString().isEqualTo("/resolved");
    assertThat(sink.records.get(1).paths().getFirst().resolved()).isTrue();
    assertThat(sink.records.get(2).paths()).isEmpty();
  }
}
