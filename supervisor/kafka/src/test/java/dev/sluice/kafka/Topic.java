package dev.sluice.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/// What is in a topic, read from its beginning.
final class Topic implements AutoCloseable {
  private static final long PATIENCE_NANOS = Duration.ofMinutes(2).toNanos();

  private final Broker broker;
  private final KafkaConsumer<String, String> consumer;
  private final List<ConsumerRecord<String, String>> read = new ArrayList<>();

  Topic(Broker broker, String name, int partitions) {
    this.broker = broker;
    consumer =
        new KafkaConsumer<>(
            Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                broker.address(),
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest",
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false),
            new StringDeserializer(),
            new StringDeserializer());
    consumer.assign(
        IntStream.range(0, partitions).mapToObj(each -> new TopicPartition(name, each)).toList());
  }

  /// Reads until there is one whose value is such.
  void await(String what, Predicate<String> value) throws IOException {
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (read.stream().noneMatch(each -> value.test(each.value()))) {
      assertThat(broker.isAlive()).as("the broker:\n%s", broker.output()).isTrue();
      assertThat(System.nanoTime()).as("time for %s", what).isLessThan(end);
      consumer.poll(Duration.ofMillis(100)).forEach(read::add);
    }
  }

  List<ConsumerRecord<String, String>> read() {
    return List.copyOf(read);
  }

  @Override
  public void close() {
    consumer.close();
  }
}
