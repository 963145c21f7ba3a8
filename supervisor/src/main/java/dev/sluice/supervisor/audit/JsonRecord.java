package dev.sluice.supervisor.audit;

import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.core.JsonGenerator;

/// The members of the lines of an audit log (schema 1: src/docs/audit.md). A text that is not UTF-8
/// stands there twice: readable, and exact in hexadecimal under NAME_hex.
final class JsonRecord {
  /// The version of the schema. One that readers of this version cannot read has another number.
  static final int SCHEMA = 1;

  private final JsonGenerator json;
  private final TimeText time;
  private final String session;

  JsonRecord(JsonGenerator json, TimeText time, String session) {
    this.json = json;
    this.time = time;
    this.session = session;
  }

  private void begin(String type) {
    json.writeStartObject();
    json.writeStringProperty("type", type);
    json.writeStringProperty("session", session);
  }

  private void writeTime(Instant instant) {
    json.writeStringProperty("time", time.of(instant));
  }

  void session(AuditSession begun) {
    begin("session");
    json.writeNumberProperty("schema", SCHEMA);
    writeTime(begun.started());
    json.writeNumberProperty("mono_ns", begun.monotonicNanos());
    json.writeNumberProperty("pid", begun.pid());
    json.writeStringProperty("host", begun.host());
    json.writeStringProperty("cgroup", begun.cgroup());
  }

  /// @param previous the hash of the line before, which is in another file
  void file(int number, Instant now, String previous) {
    begin("file");
    json.writeNumberProperty("schema", SCHEMA);
    writeTime(now);
    json.writeNumberProperty("number", number);
    json.writeStringProperty("previous", previous);
  }

  void gap(AuditGap gap) {
    begin("gap");
    json.writeNumberProperty("from", gap.from());
    json.writeNumberProperty("to", gap.to());
    json.writeNumberProperty("lost", gap.lost());
    writeTime(gap.time());
    json.writeStringProperty("reason", gap.reason());
  }

  void end(long last, Instant now) {
    begin("end");
    json.writeNumberProperty("last", last);
    writeTime(now);
  }

  void call(AuditRecord record) {
    begin("call");
    json.writeNumberProperty("seq", record.sequence());
    writeTime(record.time());
    json.writeNumberProperty("mono_ns", record.monotonicNanos());
    json.writeStringProperty("policy", record.policy().name());
    json.writeStringProperty("digest", record.policy().digest());
    json.writeNumberProperty("epoch", record.policy().epoch());
    caller(record.caller());
    json.writeStringProperty("syscall", record.syscall());
    json.writeStringProperty("arch", record.arch());
    json.writeArrayPropertyStart("args");
    for (long arg : record.args()) {
      json.writeString("0x" + Long.toHexString(arg));
    }
    json.writeEndArray();
    json.writeObjectPropertyStart("arguments");
    record.arguments().forEach(argument -> ArgumentJson.write(json, argument));
    json.writeEndObject();
    for (int i = 0; i < record.paths().size(); i++) {
      String name = i == 0 ? "path" : "path2";
      text(name, record.paths().get(i).path());
      json.writeBooleanProperty(name + "_resolved", record.paths().get(i).resolved());
    }
    record.address().ifPresent(this::address);
    optional("rule", record.rule());
    json.writeStringProperty("action", record.action());
    json.writeStringProperty("outcome", record.outcome().name().toLowerCase(Locale.ROOT));
    optional("errno", record.errno());
    if (record.value().isPresent()) {
      json.writeNumberProperty("value", record.value().get());
    }
    json.writeStringProperty("class", record.safety().name());
    if (record.alert()) {
      json.writeBooleanProperty("alert", true);
    }
    json.writeNumberProperty("latency_ns", record.latencyNanos());
    optional("allow", Denials.allowing(record));
    record.shadow().ifPresent(this::shadow);
  }

  private void caller(Caller caller) {
    json.writeNumberProperty("tid", caller.tid());
    if (caller.task().isPresent()) {
      Caller.Known task = caller.task().get();
      json.writeNumberProperty("pid", task.pid());
      json.writeNumberProperty("ppid", task.parent());
      json.writeNumberProperty("uid", task.uid());
      json.writeNumberProperty("gid", task.gid());
      json.writeStringProperty("caps", "0x" + Long.toHexString(task.capabilities()));
      text("comm", task.comm());
      task.exe().ifPresent(exe -> text("exe", exe));
      task.cgroup().ifPresent(cgroup -> text("cgroup", cgroup));
    }
    caller.container().ifPresent(this::container);
  }

  private void container(ContainerName container) {
    json.writeStringProperty("container", container.id());
    known("namespace", container.namespace());
    known("pod", container.pod());
    known("container_name", container.name());
    known("image", container.image());
  }

  private void known(String name, String value) {
    if (!value.isEmpty()) {
      json.writeStringProperty(name, value);
    }
  }

  private void address(Address address) {
    json.writeObjectPropertyStart("address");
    json.writeStringProperty("family", address.family());
    if (!address.ip().isEmpty()) {
      json.writeStringProperty("ip", address.ip());
    }
    if (address.port() >= 0) {
      json.writeNumberProperty("port", address.port());
    }
    address
        .path()
        .ifPresent(path -> {
          text("path", path);
          json.writeBooleanProperty("path_resolved", address.resolved());
        });
    json.writeStringProperty("raw", HexFormat.of().formatHex(address.raw().bytes()));
    json.writeEndObject();
  }

  private void shadow(AuditRecord.Shadow shadow) {
    json.writeObjectPropertyStart("shadow");
    json.writeStringProperty("policy", shadow.policy());
    optional("verdict", shadow.verdict());
    optional("open", shadow.open());
    json.writeEndObject();
  }

  private void optional(String name, Optional<String> value) {
    if (value.isPresent()) {
      json.writeStringProperty(name, value.get());
    }
  }

  private void text(String name, ByteText text) {
    ArgumentJson.text(json, name, text);
  }
}
