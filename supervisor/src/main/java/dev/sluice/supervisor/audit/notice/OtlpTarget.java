package dev.sluice.supervisor.audit.notice;

import dev.sluice.supervisor.audit.AsciiJson;
import dev.sluice.supervisor.audit.AuditSession;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JsonGenerator;

/// A collector of OpenTelemetry: records are logs, in OTLP over HTTP, as JSON
/// (opentelemetry.io/docs/specs/otlp). The body is the text for people, and the attribute
/// `sluice.record` the record.
public final class OtlpTarget implements NoticeTarget {
  private static final Logger LOG = LoggerFactory.getLogger(OtlpTarget.class);

  /// After which the specification has a request sent again.
  private static final Set<Integer> TEMPORARY = Set.of(429, 502, 503, 504);

  private static final Pattern REJECTED =
      Pattern.compile("\"rejectedLogRecords\"\\s*:\\s*\"?([1-9]\\d{0,8})");
  private static final int INFO = 9;
  private static final int WARN = 13;
  private static final int ERROR = 17;
  private static final long NANOS = 1_000_000_000;

  private final HttpPost post;
  private final AtomicLong rejected = new AtomicLong();

  /// Throws [IllegalArgumentException] if one of the headers is none.
  ///
  /// @param url such as `http://localhost:4318/v1/logs`
  public OtlpTarget(URI url, Map<String, String> headers) {
    post = new HttpPost(url, headers);
  }

  @Override
  public String name() {
    return post.name();
  }

  @Override
  public int deliver(List<Notice> notices) throws IOException, InterruptedException {
    var response = post.json(request(notices));
    int status = response.statusCode();
    if (status / 100 == 2) {
      Matcher some = REJECTED.matcher(response.body());
      if (some.find()) {
        LOG.error("{}: {} records were rejected", name(), some.group(1));
        long calls = notices.stream().filter(notice -> !notice.isGap()).count();
        rejected.addAndGet(Math.min(Long.parseLong(some.group(1)), calls));
      }
      return notices.size();
    }
    String message = HttpPost.status(response);
    throw TEMPORARY.contains(status) ? new IOException(message) : new RefusedException(message);
  }

  private static String request(List<Notice> notices) {
    var bytes = new ByteArrayOutputStream();
    try (var json = AsciiJson.generator(bytes)) {
      json.writeStartObject();
      json.writeArrayPropertyStart("resourceLogs");
      json.writeStartObject();
      resource(json, notices.getFirst().session());
      json.writeArrayPropertyStart("scopeLogs");
      json.writeStartObject();
      json.writeObjectPropertyStart("scope");
      json.writeStringProperty("name", "dev.sluice.audit");
      json.writeEndObject();
      json.writeArrayPropertyStart("logRecords");
      notices.forEach(notice -> log(json, notice));
      json.writeEndArray();
      json.writeEndObject();
      json.writeEndArray();
      json.writeEndObject();
      json.writeEndArray();
      json.writeEndObject();
    }
    return bytes.toString(StandardCharsets.US_ASCII);
  }

  private static void resource(JsonGenerator json, AuditSession session) {
    json.writeObjectPropertyStart("resource");
    json.writeArrayPropertyStart("attributes");
    text(json, "service.name", "sluice");
    text(json, "service.instance.id", session.id());
    text(json, "host.name", session.host());
    number(json, "process.pid", session.pid());
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void log(JsonGenerator json, Notice notice) {
    boolean alert = notice.kind().equals(Notice.ALERT);
    json.writeStartObject();
    json.writeStringProperty("timeUnixNano", nanos(notice.time()));
    json.writeStringProperty("observedTimeUnixNano", nanos(notice.time()));
    json.writeNumberProperty("severityNumber", notice.isGap() ? ERROR : alert ? WARN : INFO);
    json.writeStringProperty("eventName", "sluice." + notice.kind());
    json.writeObjectPropertyStart("body");
    json.writeStringProperty("stringValue", notice.text());
    json.writeEndObject();
    json.writeArrayPropertyStart("attributes");
    text(json, "log.record.uid", notice.session().id() + ":" + notice.from());
    number(json, "sluice.seq", notice.from());
    text(json, "sluice.record", notice.json());
    json.writeEndArray();
    json.writeEndObject();
  }

  private static String nanos(Instant time) {
    return "" + (time.getEpochSecond() * NANOS + time.getNano());
  }

  private static void text(JsonGenerator json, String key, String value) {
    attribute(json, key, "stringValue", value);
  }

  /// The JSON of protocol buffers has numbers of 64 bits as texts.
  private static void number(JsonGenerator json, String key, long value) {
    attribute(json, key, "intValue", "" + value);
  }

  private static void attribute(JsonGenerator json, String key, String type, String value) {
    json.writeStartObject();
    json.writeStringProperty("key", key);
    json.writeObjectPropertyStart("value");
    json.writeStringProperty(type, value);
    json.writeEndObject();
    json.writeEndObject();
  }

  @Override
  public long lost() {
    return rejected.get();
  }

  @Override
  public void close() {
    post.close();
  }
}
