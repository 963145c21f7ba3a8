package dev.sluice.supervisor.audit.notice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.audit.AuditGap;
import dev.sluice.supervisor.audit.AuditRecord;
import dev.sluice.supervisor.audit.Records;
import dev.sluice.supervisor.audit.log.LineReader;
import dev.sluice.supervisor.audit.log.LogLine;
import dev.sluice.supervisor.audit.notice.NoticeSink.Scope;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

class OtlpTargetTest {
  private static NoticeSink sink(HttpReceiver receiver) {
    var target = new OtlpTarget(receiver.url("/v1/logs"), Map.of("X-Key", "k"));
    var sink = new NoticeSink(target, Scope.EVERYTHING);
    sink.begin(Records.SESSION);
    return sink;
  }

  /// JSON is YAML.
  private static Object parse(String json) {
    return new Load(LoadSettings.builder().setCodePointLimit(100_000_000).build())
        .loadFromString(json);
  }

  /// What lies at the end of a way through objects and lists.
  private static Object at(Object from, Object... way) {
    Object here = from;
    for (Object step : way) {
      here =
          Objects.requireNonNull(
              step instanceof Integer index
                  ? ((List<?>) here).get(index)
                  : ((Map<?, ?>) here).get(step));
    }
    return here;
  }

  private static List<LogLine> records(String body) {
    var lines = new ArrayList<LogLine>();
    Object logs = at(parse(body), "resourceLogs", 0, "scopeLogs", 0, "logRecords");
    for (Object log : (List<?>) logs) {
      assertThat(at(log, "attributes", 2, "key")).isEqualTo("sluice.record");
      lines.add(LineReader.read("" + at(log, "attributes", 2, "value", "stringValue")));
    }
    return lines;
  }

  @Test
  void aRecordIsALogAsTheProtocolSays() throws Exception {
    try (var receiver = new HttpReceiver();
        var sink = sink(receiver)) {
      sink.write(Records.denied(1, "/etc/shadow"));
      String body = receiver.next();
      assertThat(receiver.heads.take())
          .startsWith("POST /v1/logs HTTP/1.1\r\n")
          .contains("Content-Type: application/json\r\n")
          .contains("X-Key: k\r\n");
      assertThat(body)
          .startsWith(
              """
              {"resourceLogs":[{"resource":{"attributes":[\
              {"key":"service.name","value":{"stringValue":"sluice"}},\
              {"key":"service.instance.id","value":{"stringValue":"5e551"}},\
              {"key":"host.name","value":{"stringValue":"host"}},\
              {"key":"process.pid","value":{"intValue":"77"}}]},\
              "scopeLogs":[{"scope":{"name":"dev.sluice.audit"},"logRecords":[\
              {"timeUnixNano":"0","observedTimeUnixNano":"0","severityNumber":9,\
              "eventName":"sluice.call","body":{"stringValue":"cat[12] openat(AT_FDCWD, \
              """);
      assertThat(records(body))
          .containsExactly(new LogLine.Call("5e551", Records.denied(1, "/etc/shadow")));
    }
  }

  @Test
  void noNameBreaksItAndEachIsReadBack() throws Exception {
    byte[] odd = {'/', '\n', 0x1b, '[', '2', 'J', 0x7f, (byte) 0xff, (byte) 0x9b};
    AuditRecord hostile = Records.alerting(Records.denied(1, "a\n", odd));
    try (var receiver = new HttpReceiver();
        var sink = sink(receiver)) {
      sink.write(hostile);
      String body = receiver.next();
      assertThat(body.chars()).allMatch(c -> c >= ' ' && c < 0x7f);
      assertThat(body).contains("\"severityNumber\":13");
      assertThat(records(body)).containsExactly(new LogLine.Call("5e551", hostile));
    }
  }

  @Test
  void everyRecordArrivesOrLiesInAGap() throws Exception {
    int count = 6_000;
    var numbers = new ArrayList<Long>();
    long lost = 0;
    try (var receiver = new HttpReceiver(503, 429, 200);
        var sink = sink(receiver)) {
      for (int i = 1; i <= count; i++) {
        sink.write(Records.denied(i, "/x"));
      }
      receiver.next(); // 503
      receiver.next(); // 429
      while (numbers.size() < count) {
        for (LogLine line : records(receiver.next())) {
          switch (line) {
            case LogLine.Call(_, AuditRecord record) -> numbers.add(record.sequence());
            case LogLine.Gap(_, AuditGap gap) -> {
              lost += gap.lost();
              LongStream.rangeClosed(gap.from(), gap.to()).forEach(numbers::add);
            }
            case LogLine other -> throw new AssertionError(other);
          }
        }
      }
    }
    assertThat(numbers)
        .containsExactlyElementsOf(LongStream.rangeClosed(1, count).boxed().toList());
    assertThat(lost).isLessThan(2_000);
  }

  @Test
  void whatACollectorRejectsIsLost() throws Exception {
    try (var receiver = new HttpReceiver()) {
      receiver.answer = "{\"partialSuccess\":{\"rejectedLogRecords\":\"1\"}}";
      var sink = sink(receiver);
      sink.write(Records.denied(1, "/x"));
      receiver.next();
      sink.close();
      assertThat(sink.lost()).isEqualTo(1);
    }
  }

  @Test
  void aGapIsALogToo() throws Exception {
    var gap = new AuditGap(3, 9, Instant.EPOCH, "no room");
    try (var receiver = new HttpReceiver();
        var sink = sink(receiver)) {
      sink.lost(gap);
      assertThat(records(receiver.next())).containsExactly(new LogLine.Gap("5e551", gap));
    }
  }
}
