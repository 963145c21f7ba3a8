package dev.sluice.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.supervisor.audit.AuditRecord;
import dev.sluice.supervisor.audit.AuditRecord.Outcome;
import dev.sluice.supervisor.audit.AuditRecord.PolicyName;
import dev.sluice.supervisor.audit.AuditSession;
import dev.sluice.supervisor.audit.Caller;
import dev.sluice.supervisor.audit.notice.NoticeSink;
import dev.sluice.supervisor.audit.notice.NoticeSink.Scope;
import dev.sluice.supervisor.policy.SafetyClass;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Records on their way to a broker that is real, and is killed.
class KafkaTargetTest {
  private static final AuditSession SESSION =
      new AuditSession("5e551", Instant.EPOCH, 5, 77, "host", "0::/");
  private static final Pattern NUMBERS =
      Pattern.compile("\"seq\":(\\d+)|\"from\":(\\d+),\"to\":(\\d+)");
  private static final int PARTITIONS = 3;

  /// [Scope#EVERYTHING]
  private static final long ROOM = 4096;

  @TempDir Path directory;

  @Test
  void everyRecordArrivesInOrderOrIsInAGapWhenTheBrokerIsKilled() throws Exception {
    try (var broker = new Broker(directory, PARTITIONS);
        var topic = new Topic(broker, "audit", PARTITIONS)) {
      broker.start();
      var target = new KafkaProvider().open(broker.address() + "/audit");
      var sink = new NoticeSink(target, Scope.EVERYTHING);
      sink.begin(SESSION);
      write(sink, 1, 100);
      topic.await("the first", value -> value.contains("\"seq\":100,"));
      write(sink, 101, 300); // and while they are on their way
      broker.kill();
      long last = 300 + ROOM + 1000;
      write(sink, 301, last);
      broker.start();
      topic.await("the gap", value -> value.contains("\"type\":\"gap\""));
      write(sink, last + 1, last + 10);
      topic.await("the last", value -> value.contains("\"seq\":" + (last + 10) + ","));
      sink.close();

      assertThat(topic.read()).extracting(ConsumerRecord::key).containsOnly(SESSION.id());
      assertThat(topic.read().stream().map(ConsumerRecord::partition).distinct()).hasSize(1);
      // what the broker had, but could not confirm any more, may be there twice
      assertThat(topic.read().stream().flatMapToLong(KafkaTargetTest::numbers).distinct().toArray())
          .isEqualTo(LongStream.rangeClosed(1, last + 10).toArray());
      assertThat(topic.read().stream().filter(each -> each.value().contains("\"gap\"")))
          .singleElement()
          .satisfies(gap -> assertThat(numbers(gap).count()).isBetween(1L, 1000L + 200));
    }
  }

  private static void write(NoticeSink sink, long from, long to) {
    LongStream.rangeClosed(from, to).mapToObj(KafkaTargetTest::record).forEach(sink::write);
  }

  private static AuditRecord record(long sequence) {
    return new AuditRecord(
        sequence,
        Instant.EPOCH,
        99,
        new PolicyName("p", "ab12", 1),
        new Caller(12, Optional.empty(), Optional.empty()),
        "x86_64",
        "getpid",
        List.of(0L, 0L, 0L, 0L, 0L, 0L),
        List.of(),
        List.of(),
        Optional.empty(),
        Optional.of("rule"),
        "allow",
        Outcome.OBSERVED,
        Optional.empty(),
        Optional.empty(),
        SafetyClass.REGISTERS,
        false,
        1,
        Optional.empty());
  }

  /// That of a call, or all of those that are lost.
  private static LongStream numbers(ConsumerRecord<String, String> record) {
    Matcher matcher = NUMBERS.matcher(record.value());
    assertThat(matcher.find()).as(record.value()).isTrue();
    return matcher.group(1) == null
        ? LongStream.rangeClosed(Long.parseLong(matcher.group(2)), Long.parseLong(matcher.group(3)))
        : LongStream.of(Long.parseLong(matcher.group(1)));
  }

  @Test
  void aPlaceThatIsNoneIsRefused() {
    for (String place : List.of("", "host/audit", "host:9092", "host:9092/a b", "a:1,/x")) {
      assertThatThrownBy(() -> new KafkaProvider().open(place))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "kafka: takes HOST:PORT/TOPIC, or HOST:PORT,HOST:PORT/TOPIC, not '" + place + "'");
    }
  }
}
