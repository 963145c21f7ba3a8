package dev.sluice.supervisor.audit;

import dev.sluice.supervisor.audit.AuditRecord.Outcome;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.core.JsonGenerator;

/// Records as events of the Open Cybersecurity Schema Framework, in JSON. Texts that are not UTF-8
/// have U+FFFD there; `raw_data` is the record itself, from which they can be had back.
public final class OcsfJson {
  private static final String VERSION = "1.5.0";
  private static final int ALLOWED = 1;
  private static final int DENIED = 2;
  private static final int BLOCKED = 2;
  private static final int SUCCESS = 1;
  private static final int FAILURE = 2;
  private static final int INFORMATIONAL = 1;
  private static final int MEDIUM = 3;
  private static final int HIGH = 4;
  private static final int SYSTEM_CALL = 2;
  private static final int LINUX = 200;
  private static final int UNKNOWN = 0;

  private final AuditSession session;
  private final RecordJson records;

  public OcsfJson(AuditSession session) {
    this.session = session;
    this.records = new RecordJson(session);
  }

  /// One event, in one line of printable ASCII.
  public String of(AuditRecord record) {
    var bytes = new ByteArrayOutputStream();
    try (var json = AsciiJson.generator(bytes)) {
      event(json, record, OcsfClass.of(record));
    }
    return bytes.toString(StandardCharsets.US_ASCII);
  }

  private void event(JsonGenerator json, AuditRecord record, OcsfClass type) {
    boolean denied = record.isDenial();
    json.writeStartObject();
    json.writeNumberProperty("category_uid", type.category());
    json.writeNumberProperty("class_uid", type.uid());
    json.writeNumberProperty("activity_id", type.activity());
    json.writeNumberProperty("type_uid", type.type());
    json.writeNumberProperty("time", record.time().toEpochMilli());
    json.writeNumberProperty(
        "severity_id", record.alert() ? HIGH : denied ? MEDIUM : INFORMATIONAL);
    metadata(json, record);
    device(json);
    boolean decided = record.rule().isPresent() && record.outcome() != Outcome.GONE;
    int allowed = decided ? ALLOWED : UNKNOWN;
    json.writeNumberProperty("action_id", denied ? DENIED : allowed);
    json.writeNumberProperty("disposition_id", denied ? BLOCKED : allowed);
    json.writeBooleanProperty("is_alert", record.alert());
    status(json, record);
    record.rule().ifPresent(rule -> policy(json, record, rule));
    actor(json, record.caller());
    object(json, record, type);
    record
        .caller()
        .task()
        .flatMap(Caller.Known::cgroup)
        .ifPresent(cgroup -> unmapped(json, cgroup));
    json.writeStringProperty("raw_data", records.of(record));
    json.writeEndObject();
  }

  private void metadata(JsonGenerator json, AuditRecord record) {
    json.writeObjectPropertyStart("metadata");
    json.writeStringProperty("version", VERSION);
    json.writeObjectPropertyStart("product");
    json.writeStringProperty("name", "Sluice");
    json.writeStringProperty("vendor_name", "Sluice");
    json.writeEndObject();
    json.writeArrayPropertyStart("profiles");
    json.writeString("host");
    json.writeString("security_control");
    if (record.caller().container().isPresent()) {
      json.writeString("container");
    }
    json.writeEndArray();
    json.writeStringProperty("uid", session.id() + ":" + record.sequence());
    json.writeNumberProperty("sequence", record.sequence());
    json.writeEndObject();
  }

  private void device(JsonGenerator json) {
    json.writeObjectPropertyStart("device");
    json.writeStringProperty("hostname", session.host());
    json.writeNumberProperty("type_id", UNKNOWN);
    json.writeObjectPropertyStart("os");
    json.writeStringProperty("name", "Linux");
    json.writeNumberProperty("type_id", LINUX);
    json.writeEndObject();
    json.writeEndObject();
  }

  private static void status(JsonGenerator json, AuditRecord record) {
    if (record.errno().isPresent() || record.outcome() == Outcome.KILLED) {
      json.writeNumberProperty("status_id", FAILURE);
      record.errno().ifPresent(errno -> json.writeStringProperty("status_code", errno));
    } else {
      // how a call ended that the kernel executed, only the kernel and the caller know
      boolean known = record.outcome() == Outcome.PERFORMED;
      json.writeNumberProperty("status_id", known ? SUCCESS : UNKNOWN);
    }
  }

  /// What the schema has no place for.
  private static void unmapped(JsonGenerator json, ByteText cgroup) {
    json.writeObjectPropertyStart("unmapped");
    json.writeStringProperty("cgroup", cgroup.toString());
    json.writeEndObject();
  }

  private static void policy(JsonGenerator json, AuditRecord record, String rule) {
    json.writeObjectPropertyStart("policy");
    json.writeStringProperty("name", record.policy().name());
    json.writeStringProperty("uid", record.policy().digest());
    json.writeStringProperty("version", "" + record.policy().epoch());
    json.writeStringProperty("desc", "rule '" + rule + "': " + record.action());
    json.writeEndObject();
  }

  private static void actor(JsonGenerator json, Caller caller) {
    json.writeObjectPropertyStart("actor");
    json.writeObjectPropertyStart("process");
    json.writeNumberProperty("tid", caller.tid());
    identity(json, caller);
    caller
        .task()
        .ifPresent(task -> {
          json.writeStringProperty("name", task.comm().toString());
          task.exe().ifPresent(exe -> file(json, "file", exe));
          json.writeObjectPropertyStart("parent_process");
          json.writeNumberProperty("pid", task.parent());
          json.writeEndObject();
          json.writeObjectPropertyStart("user");
          json.writeStringProperty("uid", "" + task.uid());
          json.writeEndObject();
        });
    caller
        .container()
        .ifPresent(container -> {
          json.writeObjectPropertyStart("container");
          json.writeStringProperty("uid", container.id());
          if (!container.name().isEmpty()) {
            json.writeStringProperty("name", container.name());
          }
          json.writeEndObject();
        });
    json.writeEndObject();
    json.writeEndObject();
  }

  private static void object(JsonGenerator json, AuditRecord record, OcsfClass type) {
    switch (type.uid()) {
      case OcsfClass.FILE -> {
        file(json, "file", record.paths().getFirst().path());
        if (record.paths().size() > 1) {
          file(json, "file_result", record.paths().get(1).path());
        }
      }
      case OcsfClass.PROCESS -> {
        // a program takes the place of the one that executes it
        json.writeObjectPropertyStart("process");
        identity(json, record.caller());
        file(json, "file", record.paths().getFirst().path());
        commandLine(record).ifPresent(line -> json.writeStringProperty("cmd_line", line));
        json.writeEndObject();
      }
      case OcsfClass.CONNECTION -> record.address().ifPresent(address -> endpoint(json, address));
      default -> {
        json.writeObjectPropertyStart("kernel");
        json.writeStringProperty("name", record.syscall());
        json.writeNumberProperty("type_id", SYSTEM_CALL);
        json.writeStringProperty("system_call", record.syscall());
        json.writeEndObject();
      }
    }
  }

  /// One of those a process must have: its number, or of one that was not looked up that of the
  /// thread.
  private static void identity(JsonGenerator json, Caller caller) {
    if (caller.task().isPresent()) {
      json.writeNumberProperty("pid", caller.pid());
    } else {
      json.writeStringProperty("uid", "tid:" + caller.tid());
    }
  }

  /// The arguments of a program, if they are on record.
  private static Optional<String> commandLine(AuditRecord record) {
    return record.arguments().stream()
        .filter(argument -> argument.name().equals("argv"))
        .flatMap(argument ->
            argument.value() instanceof Argument.Texts(List<ByteText> texts, boolean _)
                ? Stream.of(texts.stream().map(ByteText::toString).collect(Collectors.joining(" ")))
                : Stream.empty())
        .findFirst();
  }

  private static void file(JsonGenerator json, String member, ByteText path) {
    String text = path.toString();
    json.writeObjectPropertyStart(member);
    json.writeStringProperty("path", text);
    json.writeStringProperty("name", text.substring(text.lastIndexOf('/') + 1));
    json.writeNumberProperty("type_id", UNKNOWN);
    json.writeEndObject();
  }

  private static void endpoint(JsonGenerator json, Address address) {
    json.writeObjectPropertyStart("dst_endpoint");
    if (address.ip().isEmpty()) {
      json.writeStringProperty("name", address.text());
    } else {
      json.writeStringProperty("ip", address.ip());
    }
    if (address.port() >= 0) {
      json.writeNumberProperty("port", address.port());
    }
    json.writeEndObject();
  }
}
