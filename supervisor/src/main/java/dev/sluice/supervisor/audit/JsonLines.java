package dev.sluice.supervisor.audit;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonFactory;

/// Records as JSON, one a line. A path that is not UTF-8 stands there twice: readable in `path`,
/// and exact in `path_hex`.
public final class JsonLines implements AuditSink {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
          .rootValueSeparator("")
          .build();

  /// Stands where bytes were no UTF-8.
  private static final char REPLACEMENT = '\uFFFD';

  private final OutputStream stream;
  private final boolean closing;
  private final TimeText time = new TimeText();
  private JsonGenerator json;

  /// @param closing whether `stream` is ours to close
  public JsonLines(OutputStream stream, boolean closing) {
    this.stream = stream;
    this.closing = closing;
    this.json = newGenerator();
  }

  private JsonGenerator newGenerator() {
    return JSON.createGenerator(ObjectWriteContext.empty(), stream);
  }

  @Override
  public void write(AuditRecord record) {
    try {
      writeObject(record);
      json.writeRaw('\n');
    } catch (JacksonException e) {
      json = newGenerator(); // the old one is in the middle of a record
      throw e;
    }
  }

  private void writeObject(AuditRecord record) {
    json.writeStartObject();
    json.writeNumberProperty("seq", record.sequence());
    if (record.lost() > 0) {
      json.writeNumberProperty("lost", record.lost());
    }
    json.writeStringProperty("time", time.of(record.time()));
    if (record.pid() != 0) {
      json.writeNumberProperty("pid", record.pid());
      json.writeStringProperty("comm", record.comm());
    }
    json.writeNumberProperty("tid", record.tid());
    if (record.container().isPresent()) {
      json.writeStringProperty("container", record.container().get());
    }
    json.writeStringProperty("syscall", record.syscall());
    json.writeStringProperty("arch", record.arch());
    json.writeArrayPropertyStart("args");
    for (long arg : record.args()) {
      json.writeString("0x" + Long.toHexString(arg));
    }
    json.writeEndArray();
    for (int i = 0; i < record.paths().size(); i++) {
      writePath(i == 0 ? "path" : "path2", record.paths().get(i));
    }
    if (record.rule().isPresent()) {
      json.writeStringProperty("rule", record.rule().get());
    }
    json.writeStringProperty("action", record.action());
    json.writeStringProperty("outcome", record.outcome().name().toLowerCase(Locale.ROOT));
    if (record.errno().isPresent()) {
      json.writeStringProperty("errno", record.errno().get());
    }
    if (record.value().isPresent()) {
      json.writeNumberProperty("value", record.value().get());
    }
    json.writeStringProperty("class", record.safety().name());
    json.writeNumberProperty("latency_us", Math.round(record.latencyNanos() / 100.0) / 10.0);
    json.writeEndObject();
  }

  private void writePath(String name, AuditRecord.NamedFile file) {
    String text = readable(file.path());
    json.writeStringProperty(name, text);
    if (text.indexOf(REPLACEMENT) >= 0 && !isUtf8(file.path())) {
      json.writeStringProperty(name + "_hex", HexFormat.of().formatHex(file.path()));
    }
    json.writeBooleanProperty(name + "_resolved", file.resolved());
  }

  static String readable(byte[] path) {
    return new String(path, StandardCharsets.UTF_8);
  }

  private static boolean isUtf8(byte[] bytes) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  @Override
  public void flush() {
    json.flush();
  }

  @Override
  public void close() {
    json.close();
    if (closing) {
      try {
        stream.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
