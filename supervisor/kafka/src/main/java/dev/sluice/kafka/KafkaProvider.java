package dev.sluice.kafka;

import dev.sluice.supervisor.audit.notice.NoticeTarget;
import dev.sluice.supervisor.audit.notice.NoticeTargetProvider;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `kafka:HOST:PORT,…/TOPIC`. What a producer needs to know beside (TLS, passwords) stands in the
/// properties file that `SLUICE_KAFKA_PROPERTIES` names, as for Kafka's own programs.
public final class KafkaProvider implements NoticeTargetProvider {
  private static final String PROPERTIES = "SLUICE_KAFKA_PROPERTIES";
  private static final Pattern PLACE =
      Pattern.compile("([^/,\\s]+:\\d+(?:,[^/,\\s]+:\\d+)*)/([A-Za-z0-9._-]{1,249})");

  @Override
  public String scheme() {
    return "kafka";
  }

  @Override
  public NoticeTarget open(String place) {
    Matcher matcher = PLACE.matcher(place);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "kafka: takes HOST:PORT/TOPIC, or HOST:PORT,HOST:PORT/TOPIC, not '" + place + "'");
    }
    return new KafkaTarget(matcher.group(1), matcher.group(2), properties());
  }

  private static Properties properties() {
    var properties = new Properties();
    Optional<String> file = Optional.ofNullable(System.getenv(PROPERTIES));
    if (file.isPresent()) {
      try (Reader reader = Files.newBufferedReader(Path.of(file.get()))) {
        properties.load(reader);
      } catch (IOException e) {
        throw new IllegalArgumentException(
            PROPERTIES + ": \"" + file.get() + "\" cannot be read: " + e.getMessage(), e);
      }
    }
    return properties;
  }
}
