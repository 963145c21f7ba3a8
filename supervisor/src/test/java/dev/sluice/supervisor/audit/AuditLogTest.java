package dev.sluice.supervisor.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.sluice.supervisor.audit.notice.Notice;
import dev.sluice.supervisor.audit.notice.NoticeSink;
import dev.sluice.supervisor.audit.notice.NoticeTarget;
import dev.sluice.supervisor.listener.Recorder;
import dev.sluice.supervisor.policy.AuditMode;
import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.Edition;
import dev.sluice.supervisor.policy.Location;
import dev.sluice.supervisor.policy.Policies;
import dev.sluice.supervisor.policy.SafetyClass;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Calls;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class AuditLogTest {
  private static final Decision DENY = decision(AuditMode.ALWAYS);

  private static Decision decision(AuditMode mode) {
    return new Decision("rule", new Location("p.yaml", 1, 1), "deny", Verdict.Fail.of(1), mode, 0);
  }

  /// Keeps records, and writes none before it is let go.
  private static final class SlowSink implements AuditSink {
    private final List<AuditRecord> records = new ArrayList<>();
    private final List<AuditGap> gaps = new ArrayList<>();
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

    @Override
    public void lost(AuditGap gap) {
      gaps.add(gap);
    }
  }

  private static void record(AuditLog log, Call call, Decision decision) {
    record(log, log.claim(Edition.NONE, call, decision, true), call, decision);
  }

  private static void record(AuditLog log, long place, Call call, Decision decision) {
    log.record(
        place,
        Edition.NONE,
        call,
        null,
        decision,
        decision.verdict(),
        SafetyClass.EMULATED,
        0,
        System.nanoTime());
  }

  /// Tells nobody.
  private static NoticeSink nobody(Queue<String> closed) {
    return new NoticeSink(
        new NoticeTarget() {
          @Override
          public String name() {
            return "nobody";
          }

          @Override
          public int deliver(List<Notice> notices) throws IOException {
            throw new IOException("not there");
          }

          @Override
          public void close() {
            closed.add("nobody");
          }
        },
        NoticeSink.Scope.EVERYTHING);
  }

  private record LastSink(Queue<String> closed) implements AuditSink {
    @Override
    public void write(AuditRecord record) {}

    @Override
    public void close() {
      closed.add("last");
    }
  }

  /// A batch may take it longer than a record may.
  @Test
  void aSinkThatIsSlowAndGoesOnIsWaitedFor() {
    var slow =
        new AuditSink() {
          private int records;

          @Override
          public void write(AuditRecord record) {
            LockSupport.parkNanos(Duration.ofMillis(550).toNanos());
            records++;
          }
        };
    try (var log = new AuditLog(List.of(slow))) {
      for (int i = 0; i < 10; i++) {
        record(log, Calls.of(Arch.X86_64, "openat"), DENY);
      }
      log.flush(); // close() would give the batch as much time again
      assertThat(slow.records).isEqualTo(10);
    }
  }

  @Test
  void whoIsInterruptedEndsTheSinksToo() {
    var closed = new ConcurrentLinkedQueue<String>();
    var log = new AuditLog(List.of(new LastSink(closed)));
    record(log, Calls.of(Arch.X86_64, "openat"), DENY);
    Thread.currentThread().interrupt();
    log.close();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(closed).containsExactly("last");
  }

  /// Whoever ends us waits ten seconds.
  @Test
  void allWhoAreNotThereHaveFiveSecondsTogetherAndKeepNoOtherWaiting() {
    var closed = new ConcurrentLinkedQueue<String>();
    var log =
        new AuditLog(List.of(nobody(closed), nobody(closed), nobody(closed), new LastSink(closed)));
    record(log, Calls.of(Arch.X86_64, "openat"), DENY);
    log.flush();
    long begun = System.nanoTime();

    log.close();

    // one after the other they would have fifteen seconds
    assertThat(Duration.ofNanos(System.nanoTime() - begun))
        .isBetween(Duration.ofSeconds(4), Duration.ofSeconds(14));
    assertThat(closed).startsWith("last");
  }

  @Test
  void whatFindsNoRoomIsCountedInAGapBetweenTheRecords() throws Exception {
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
    assertThat(sink.gaps).hasSize(1);
    AuditGap gap = sink.gaps.getFirst();
    assertThat(gap.lost()).isEqualTo(attempts + 1L - sink.records.size()).isPositive();
    assertThat(gap.to()).isEqualTo(attempts);
    assertThat(gap.reason()).isEqualTo("no room");
    assertThat(sink.records.get(sink.records.size() - 2).sequence()).isEqualTo(gap.from() - 1);
    assertThat(sink.records.getLast().sequence()).isEqualTo(attempts + 1L);
  }

  @Test
  void whatIsLostAtTheEndIsAGapToo() throws Exception {
    var sink = new SlowSink();
    var call = Calls.of(Arch.X86_64, "openat");
    try (var log = new AuditLog(List.of(sink))) {
      record(log, call, DENY);
      sink.entered.await();
      for (int i = 1; i < 10_000; i++) {
        record(log, call, DENY);
      }
      sink.go.countDown();
    }
    assertThat(sink.gaps).extracting(AuditGap::to).containsExactly(10_000L);
  }

  @Test
  void aLosslessPolicyHasItsCallsWaitForRoom() throws Exception {
    var sink = new SlowSink();
    var call = Calls.of(Arch.X86_64, "openat");
    Edition lossless = lossless();
    int attempts = 20_000;
    try (var log = new AuditLog(List.of(sink))) {
      var caller =
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 0; i < attempts; i++) {
                  log.record(
                      log.claim(lossless, call, DENY, true),
                      lossless,
                      call,
                      null,
                      DENY,
                      DENY.verdict(),
                      SafetyClass.EMULATED,
                      0,
                      System.nanoTime());
                }
              });
      sink.entered.await();
      sink.go.countDown();
      caller.join();
    }
    assertThat(sink.gaps).isEmpty();
    assertThat(sink.records).hasSize(attempts);
  }

  @Test
  void whoMustNotWaitIsToldThatThereIsNoRoom() throws Exception {
    var sink = new SlowSink();
    var call = Calls.of(Arch.X86_64, "openat");
    Edition lossless = lossless();
    try (var log = new AuditLog(List.of(sink))) {
      long place = log.claim(lossless, call, DENY, false);
      while (place != Recorder.FULL) {
        record(log, place, call, DENY);
        place = log.claim(lossless, call, DENY, false);
      }
      assertThat(log.lost()).isZero();
      sink.go.countDown();
      record(log, log.claim(lossless, call, DENY, true), call, DENY);
      log.flush();
    }
    assertThat(sink.gaps).isEmpty();
  }

  private static Edition lossless() {
    return Policies.compile(
            "sluice: v1\naudit: { mode: lossless }\nrules:\n  - { on: getpid, deny: EPERM }")
        .edition();
  }

  @Test
  void aSinkThatFailsKeepsNoOtherFromItsRecords() {
    keepsNoOtherFromItsRecords(record -> {
      throw new IllegalStateException("this sink fails");
    });
  }

  /// As of a plug-in that lacks a class.
  @Test
  void aSinkThatIsBrokenKeepsNoOtherFromItsRecords() {
    keepsNoOtherFromItsRecords(record -> {
      throw new NoClassDefFoundError("no/such/Class");
    });
  }

  private static void keepsNoOtherFromItsRecords(AuditSink failing) {
    var sink = new SlowSink();
    sink.go.countDown();
    try (var log = new AuditLog(List.of(failing, sink))) {
      for (int i = 0; i < 3; i++) {
        record(log, Calls.of(Arch.X86_64, "getpid"), DENY);
      }
      log.flush();
      assertThat(log.lost()).isEqualTo(3);
    }
    assertThat(sink.records).extracting(AuditRecord::sequence).containsExactly(1L, 2L, 3L);
  }

  /// It would wait for itself.
  @Test
  void aSinkMayAskForWhatItDoesItself() throws Exception {
    var sink = new SlowSink();
    sink.go.countDown();
    var closed = new CountDownLatch(1);
    var asked = new AtomicReference<AuditLog>();
    var asking =
        new AuditSink() {
          @Override
          public void write(AuditRecord record) {
            if (record.sequence() == 3) {
              asked.get().flush();
              asked.get().close();
            }
          }

          @Override
          public void close() {
            closed.countDown();
          }
        };
    var log = new AuditLog(List.of(asking, sink));
    asked.set(log);
    long begun = System.nanoTime();
    for (int i = 0; i < 5; i++) {
      record(log, Calls.of(Arch.X86_64, "getpid"), DENY);
    }
    closed.await();
    // one that waits gives up after five
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(4));
    assertThat(sink.records).extracting(AuditRecord::sequence).containsExactly(1L, 2L, 3L, 4L, 5L);
  }

  /// Not a record with half of what the place had before.
  @Test
  void aCallThatOutgrewItsRoomIsAGap() {
    var sink = new SlowSink();
    sink.go.countDown();
    var call = Calls.of(Arch.X86_64, "openat", 1, 2, 3);
    try (var log = new AuditLog(List.of(sink))) {
      record(log, call, DENY);
      long place = log.claim(Edition.NONE, call, DENY, true);
      Calls.givePinned(call, 0, "/" + "n".repeat(4000));
      record(log, place, call, DENY);
      call.letGo();
      record(log, call, DENY);
      log.flush();
      assertThat(log.lost()).isEqualTo(1);
    }
    assertThat(sink.records).extracting(AuditRecord::sequence).containsExactly(1L, 3L);
    assertThat(sink.gaps)
        .extracting(AuditGap::from, AuditGap::to, AuditGap::reason)
        .containsExactly(tuple(2L, 2L, "the call could not be copied"));
  }

  /// There is less room for long paths than there are places in the ring.
  @Test
  void longPathsAreRecordedWhole() {
    var sink = new SlowSink();
    sink.go.countDown();
    var call = Calls.of(Arch.X86_64, "openat", 1, 2, 3);
    String name = "n".repeat(4000);
    int calls = 500;
    try (var log = new AuditLog(List.of(sink))) {
      for (int i = 0; i < calls; i++) {
        Calls.givePinned(call, 0, "/" + i + name);
        record(log, call, DENY);
        log.flush();
      }
    }
    assertThat(sink.records).hasSize(calls);
    assertThat(sink.records.getLast().paths().getFirst().path())
        .hasToString("/" + (calls - 1) + name);
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
    assertThat(sink.records.get(0).paths().getFirst().path()).hasToString("relative");
    assertThat(sink.records.get(0).paths().getFirst().resolved()).isFalse();
    assertThat(sink.records.get(1).paths().getFirst().path()).hasToString("/resolved");
    assertThat(sink.records.get(1).paths().getFirst().resolved()).isTrue();
    assertThat(sink.records.get(2).paths()).isEmpty();
  }
}
