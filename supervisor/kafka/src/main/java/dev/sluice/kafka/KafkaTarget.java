package dev.sluice.kafka;

import dev.sluice.supervisor.audit.notice.Notice;
import dev.sluice.supervisor.audit.notice.NoticeTarget;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Properties;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A topic: the JSON of each record, under the session as its key, so that a session's records are
/// in one partition. Told is what all in-sync replicas have (`acks=all`).
///
/// What the producer has taken it tries for as long as it takes, in order (`enable.idempotence`):
/// so nothing is given to it a second time, unless it has failed for good. Nevertheless what a
/// broker wrote right before it was killed may be there twice.
final class KafkaTarget implements NoticeTarget {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaTarget.class);
  private static final int REQUEST_MILLIS = 10_000;

  /// Less than anybody waits at the end, so that there is a reason by then.
  private static final int PATIENCE_MILLIS = 4_000;

  private static final Duration AT_THE_END = Duration.ofSeconds(1);

  private final String servers;
  private final String topic;
  private final Properties properties = new Properties();
  private @Nullable Producer<byte[], byte[]> open;

  /// The first of those that are to be told, which the producer has.
  private final Queue<Future<RecordMetadata>> taken = new ArrayDeque<>();

  /// Calls whose records are too large for the broker.
  private final AtomicLong tooLarge = new AtomicLong();

  /// @param servers where to ask for the others: `HOST:PORT,…`
  /// @param own what goes before our defaults (Kafka's producer configs)
  KafkaTarget(String servers, String topic, Properties own) {
    this.servers = servers;
    this.topic = topic;
    properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, PATIENCE_MILLIS);
    properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_MILLIS);
    properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Integer.MAX_VALUE);
    properties.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    properties.put(ProducerConfig.CLIENT_ID_CONFIG, "sluice");
    properties.put(ProducerConfig.METRIC_REPORTER_CLASSES_CONFIG, "");
    properties.put(ProducerConfig.ENABLE_METRICS_PUSH_CONFIG, false);
    properties.putAll(own);
    properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
  }

  @Override
  public String name() {
    return "kafka:" + servers + "/" + topic;
  }

  @Override
  public int deliver(List<Notice> notices) throws IOException, InterruptedException {
    try {
      for (Notice notice : notices.subList(taken.size(), notices.size())) {
        Future<RecordMetadata> sent = producer().send(message(notice));
        if (sent.state() == Future.State.FAILED && !isTooLarge(sent.exceptionNow())) {
          if (taken.isEmpty()) {
            throw new IOException(sent.exceptionNow().getMessage(), sent.exceptionNow());
          }
          break; // those behind must not overtake it
        }
        taken.add(sent);
      }
      return told(notices);
    } catch (InterruptException e) {
      var interrupted = new InterruptedException(e.getMessage());
      interrupted.initCause(e);
      throw interrupted;
    } catch (KafkaException e) {
      close();
      throw new IOException(e.getMessage(), e);
    }
  }

  private ProducerRecord<byte[], byte[]> message(Notice notice) {
    byte[] key = notice.session().id().getBytes(StandardCharsets.US_ASCII);
    byte[] value = notice.json().getBytes(StandardCharsets.US_ASCII);
    return new ProducerRecord<>(topic, null, notice.time().toEpochMilli(), key, value);
  }

  private static boolean isTooLarge(Throwable cause) {
    return cause instanceof RecordTooLargeException
        || cause.getCause() instanceof RecordTooLargeException;
  }

  /// How many have arrived, of which the first is waited for.
  private int told(List<Notice> notices) throws IOException, InterruptedException {
    int told = 0;
    for (var next = taken.peek();
        next != null && (told == 0 || next.isDone());
        next = taken.peek()) {
      try {
        next.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        throw new IOException("no broker has confirmed a record for four seconds", e);
      } catch (ExecutionException e) {
        if (!isTooLarge(e)) {
          return failed(told, e);
        }
        Notice lost = notices.get(told);
        LOG.error("{}: record {} is lost: {}", name(), lost.from(), e.getMessage());
        tooLarge.addAndGet(lost.isGap() ? 0 : 1);
      }
      taken.remove();
      told++;
    }
    return told;
  }

  /// The producer gave one up, and may have gone on with others: begins again with it and another.
  private int failed(int told, ExecutionException why) throws IOException {
    close();
    if (told == 0) {
      throw new IOException(why.getMessage(), why);
    }
    return told;
  }

  private Producer<byte[], byte[]> producer() {
    Producer<byte[], byte[]> producer = open;
    if (producer == null) {
      Thread thread = Thread.currentThread();
      ClassLoader before = thread.getContextClassLoader();
      // classes that the properties name
      thread.setContextClassLoader(KafkaTarget.class.getClassLoader());
      try {
        producer =
            new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
      } finally {
        thread.setContextClassLoader(before);
      }
      open = producer;
    }
    return producer;
  }

  @Override
  public long lost() {
    return tooLarge.get();
  }

  @Override
  public void close() {
    taken.clear();
    Producer<byte[], byte[]> producer = open;
    open = null;
    if (producer != null) {
      producer.close(AT_THE_END);
    }
  }
}
