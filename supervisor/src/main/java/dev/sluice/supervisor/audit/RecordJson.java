package dev.sluice.supervisor.audit;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/// Records as JSON objects, with the members of a line of an audit log but its hash
/// (src/docs/audit.md).
public final class RecordJson {
  private final String session;
  private final TimeText time = new TimeText();

  public RecordJson(AuditSession session) {
    this.session = session.id();
  }

  public String of(AuditRecord call) {
    return text(json -> json.call(call));
  }

  public String of(AuditGap gap) {
    return text(json -> json.gap(gap));
  }

  private String text(Consumer<JsonRecord> members) {
    var bytes = new ByteArrayOutputStream();
    try (var json = AsciiJson.generator(bytes)) {
      members.accept(new JsonRecord(json, time, session));
      json.writeEndObject();
    }
    return bytes.toString(StandardCharsets.US_ASCII);
  }
}
