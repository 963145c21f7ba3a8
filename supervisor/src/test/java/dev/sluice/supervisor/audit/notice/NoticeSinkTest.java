package dev.sluice.supervisor.audit.notice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.audit.AuditGap;
import dev.sluice.supervisor.audit.AuditRecord;
import dev.sluice.supervisor.audit.Records;
import dev.sluice.supervisor.audit.log.LineReader;
import dev.sluice.supervisor.audit.log.LogLine;
import dev.sluice.supervisor.audit.notice.NoticeSink.Scope;
import dev.sluice.supervisor.kernel.Datagrams;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Alerts to syslog and to the journal.
class NoticeSinkTest {
  private static final String CEE = " - @cee: ";

  @TempDir private Path directory;

  private Path socket() {
    return directory.resolve("log");
  }

  private NoticeSink syslog() {
    var sink = new NoticeSink(new SyslogTarget(socket().toString()), Scope.ALERTS);
    sink.begin(Records.SESSION);
    return sink;
  }

  private static AuditRecord alert(long sequence, String path) {
    return Records.alerting(Records.denied(sequence, path));
  }

  /// A name has every byte but NUL.
  private static AuditRecord hostile(long sequence) {
    var bytes = new byte[255];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i + 1);
    }
    var lengthy = new byte[4095];
    Arrays.fill(lengthy, (byte) 0x9b);
    return Records.alerting(Records.denied(sequence, "a\n\u001b[2J", bytes, lengthy));
  }

  private static String json(String message) {
    return message.substring(message.indexOf(CEE) + CEE.length());
  }

  private static LogLine line(String message) {
    return LineReader.read(json(message));
  }

  private static Map<String, String> fields(String message) {
    var fields = new LinkedHashMap<String, String>();
    message
        .lines()
        .forEach(line -> fields.put(line.split("=", 2)[0], line.substring(line.indexOf('=') + 1)));
    return fields;
  }

  @Test
  void syslogIsToldAsItsStandardSays() {
    try (var receiver = new Datagrams(socket());
        var sink = syslog()) {
      sink.write(alert(1, "/etc/shadow"));
      String message = receiver.next();
      assertThat(message)
          .startsWith("<84>1 1970-01-01T00:00:00.000000Z host sluice 77 alert - @cee: {\"type\":");
      assertThat(line(message)).isEqualTo(new LogLine.Call("5e551", alert(1, "/etc/shadow")));
      sink.lost(new AuditGap(2, 5, Instant.EPOCH, "no room"));
      String gap = receiver.next();
      assertThat(gap).startsWith("<83>1 1970-01-01T00:00:00.000000Z host sluice 77 gap - @cee: ");
      assertThat(line(gap))
          .isEqualTo(new LogLine.Gap("5e551", new AuditGap(2, 5, Instant.EPOCH, "no room")));
    }
  }

  @Test
  void theJournalIsToldInFields() {
    try (var receiver = new Datagrams(socket());
        var sink = new NoticeSink(new JournalTarget(socket().toString()), Scope.ALERTS)) {
      sink.begin(Records.SESSION);
      sink.write(alert(1, "/etc/shadow"));
      Map<String, String> fields = fields(receiver.next());
      assertThat(fields)
          .containsEntry("PRIORITY", "4")
          .containsEntry("SYSLOG_IDENTIFIER", "sluice")
          .containsEntry("SLUICE_SEQ", "1")
          .containsEntry(
              "MESSAGE",
              "cat[12] openat(AT_FDCWD, \"/etc/shadow\", O_RDONLY) = -1 EACCES  deny by 'no"
                  + " secrets'");
    }
  }

  @Test
  void noNameBreaksAMessageAndEachIsReadBack() {
    AuditRecord hostile = hostile(1);
    try (var receiver = new Datagrams(socket());
        var sink = syslog()) {
      sink.write(hostile);
      String message = receiver.next();
      assertThat(message.chars()).allMatch(c -> c >= ' ' && c < 0x7f);
      assertThat(line(message)).isEqualTo(new LogLine.Call("5e551", hostile));
    }
    Path journal = directory.resolve("journal");
    try (var receiver = new Datagrams(journal);
        var sink = new NoticeSink(new JournalTarget(journal.toString()), Scope.ALERTS)) {
      sink.begin(Records.SESSION);
      sink.write(hostile);
      String message = receiver.next();
      assertThat(message.lines()).hasSize(7).allMatch(line -> line.matches("[A-Z_]+=.*"));
      assertThat(message.codePoints()).noneMatch(c -> c != '\n' && Character.isISOControl(c));
      assertThat(LineReader.read(fields(message).getOrDefault("SLUICE_RECORD", "")))
          .isEqualTo(new LogLine.Call("5e551", hostile));
    }
  }

  @Test
  void onlyAlertsAreTold() {
    try (var receiver = new Datagrams(socket());
        var sink = syslog()) {
      sink.write(Records.denied(1, "/quiet"));
      sink.write(alert(2, "/loud"));
      assertThat(receiver.next()).contains("\"seq\":2,");
      assertThat(receiver.poll()).isEmpty();
    }
  }

  @Test
  void whatNobodyListensToIsToldOnceSomebodyDoes() {
    try (var sink = syslog()) {
      for (int i = 1; i <= 500; i++) {
        sink.write(alert(i, "/x"));
      }
      try (var receiver = new Datagrams(socket())) {
        for (int i = 1; i <= 500; i++) {
          assertThat(receiver.next()).contains("\"seq\":" + i + ",");
        }
      }
    }
  }

  @Test
  void aReceiverThatIsReplacedIsFoundAgain() throws Exception {
    try (var sink = syslog()) {
      try (var receiver = new Datagrams(socket())) {
        sink.write(alert(1, "/x"));
        assertThat(receiver.next()).contains("\"seq\":1,");
      }
      java.nio.file.Files.delete(socket());
      try (var receiver = new Datagrams(socket())) {
        sink.write(alert(2, "/x"));
        assertThat(receiver.next()).contains("\"seq\":2,");
      }
    }
  }

  /// Throws at the first attempt, and tells afterwards.
  private static final class FailingTarget implements NoticeTarget {
    private final Throwable first;
    private final BlockingQueue<Long> told = new LinkedBlockingQueue<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private boolean thrown;

    FailingTarget(Throwable first) {
      this.first = first;
    }

    @Override
    public String name() {
      return "failing";
    }

    @Override
    public int deliver(List<Notice> notices) {
      if (!thrown) {
        thrown = true;
        switch (first) {
          case RuntimeException e -> throw e;
          case Error e -> throw e;
          default -> throw new AssertionError(first);
        }
      }
      notices.forEach(notice -> told.add(notice.from()));
      return notices.size();
    }

    @Override
    public void close() {
      closed.countDown();
    }
  }

  /// An exception that nobody thought of is a failure like any other.
  @Test
  void whateverGoesWrongIsTriedAgain() throws Exception {
    var target = new FailingTarget(new IllegalStateException("once"));
    try (var sink = new NoticeSink(target, Scope.EVERYTHING)) {
      sink.begin(Records.SESSION);
      sink.write(alert(1, "/x"));
      assertThat(target.told.poll(60, TimeUnit.SECONDS)).isEqualTo(1);
    }
  }

  /// Calls that would rather wait for room than lose a record must not wait for it.
  @Test
  void whoeverTellsNothingAnyMoreHasRoom() throws Exception {
    var target = new FailingTarget(new NoClassDefFoundError("of a plug-in"));
    try (var sink = new NoticeSink(target, Scope.EVERYTHING)) {
      sink.begin(Records.SESSION);
      for (int i = 1; i <= 5_000; i++) {
        sink.write(alert(i, "/x"));
      }
      assertThat(target.closed.await(60, TimeUnit.SECONDS)).isTrue();
      assertThat(sink.hasRoom()).isTrue();
      assertThat(sink.lost()).isEqualTo(5_000);
    }
    assertThat(target.told).isEmpty();
  }

  /// What there is no room for is one gap, in its place.
  @Test
  void whoeverIsTooSlowIsToldWhatIsMissing() {
    int alerts = 5_000;
    long told = 0;
    long lost = 0;
    try (var receiver = new Datagrams(socket());
        var sink = syslog()) {
      for (int i = 1; i <= alerts; i++) {
        sink.write(alert(i, "/x"));
      }
      for (long last = 0; last < alerts; ) {
        switch (line(receiver.next())) {
          case LogLine.Call(_, AuditRecord record) -> {
            assertThat(record.sequence()).isEqualTo(last + 1);
            last = record.sequence();
            told++;
          }
          case LogLine.Gap(_, AuditGap gap) -> {
            assertThat(gap.from()).isEqualTo(last + 1);
            assertThat(gap.lost()).isEqualTo(gap.to() - gap.from() + 1);
            assertThat(gap.reason()).startsWith("they found no room: ");
            last = gap.to();
            lost += gap.lost();
          }
          case LogLine other -> throw new AssertionError(other);
        }
      }
    }
    assertThat(told).isGreaterThanOrEqualTo(1_024);
    assertThat(lost).isPositive();
    assertThat(told + lost).isEqualTo(alerts);
  }

  /// Between alerts stand calls that nobody would have been told of.
  @Test
  void aGapOfAlertsSaysHowManyAlertsAreMissing() {
    int alerts = 2_000;
    long told = 0;
    long lost = 0;
    var sink = syslog();
    for (int i = 1; i <= alerts; i++) {
      sink.write(alert(10L * i, "/x"));
    }
    assertThat(sink.lost()).isEqualTo(alerts - 1_024);
    try (sink;
        var receiver = new Datagrams(socket())) {
      while (told + lost < alerts) {
        switch (line(receiver.next())) {
          case LogLine.Call _ -> told++;
          case LogLine.Gap(_, AuditGap gap) -> {
            assertThat(gap.from()).isEqualTo(10 * (told + 1));
            assertThat(gap.to()).isEqualTo(10L * alerts);
            lost = gap.lost();
          }
          case LogLine other -> throw new AssertionError(other);
        }
      }
    }
    assertThat(lost).isEqualTo(alerts - 1_024);
  }

  @Test
  void aRecordLargerThanADatagramIsReferredTo() {
    var name = new byte[40_000]; // longer than any is, to be so with any size of a socket's buffer
    Arrays.fill(name, (byte) 0xff);
    try (var receiver = new Datagrams(socket());
        var sink = syslog()) {
      sink.write(Records.alerting(Records.denied(1, "cat", name, name)));
      assertThat(json(receiver.next()))
          .isEqualTo("{\"type\":\"call\",\"session\":\"5e551\",\"seq\":1,\"too_long\":true}");
    }
  }
}
