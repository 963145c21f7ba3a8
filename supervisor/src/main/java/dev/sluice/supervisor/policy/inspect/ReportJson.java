package dev.sluice.supervisor.policy.inspect;

import dev.sluice.supervisor.policy.Diagnostic;
import dev.sluice.supervisor.policy.diff.Change;
import java.io.StringWriter;
import java.util.List;
import java.util.Locale;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// Reports and comparisons as one JSON document, for programs.
public final class ReportJson {
  private static final JsonFactory JSON = new JsonFactory();

  private ReportJson() {}

  /// The document of `sluice policy check --format json`.
  public static String of(List<PolicyReport> reports) {
    var text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      json.writeArrayPropertyStart("policies");
      reports.forEach(report -> write(report, json));
      json.writeEndArray();
      json.writeEndObject();
    }
    return text.toString();
  }

  /// The document of `sluice policy diff --format json`.
  public static String ofChanges(List<Change> changes) {
    var text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      json.writeArrayPropertyStart("changes");
      for (Change change : changes) {
        json.writeStartObject();
        json.writeStringProperty("where", change.where());
        json.writeArrayPropertyStart("calls");
        change.calls().forEach(json::writeString);
        json.writeEndArray();
        json.writeArrayPropertyStart("differences");
        change.differences().forEach(difference -> write(difference, json));
        json.writeEndArray();
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    return text.toString();
  }

  private static void write(Change.Difference difference, JsonGenerator json) {
    json.writeStartObject();
    json.writeStringProperty("was", difference.before().verdict());
    json.writeStringProperty("was_by", difference.before().by());
    json.writeStringProperty("now", difference.after().verdict());
    json.writeStringProperty("now_by", difference.after().by());
    json.writeStringProperty("example", difference.example());
    json.writeEndObject();
  }

  private static void write(PolicyReport report, JsonGenerator json) {
    json.writeStartObject();
    json.writeStringProperty("file", report.file());
    json.writeBooleanProperty("usable", !report.hasErrors());
    json.writeArrayPropertyStart("diagnostics");
    for (Diagnostic diagnostic : report.diagnostics()) {
      json.writeStartObject();
      json.writeStringProperty("severity", diagnostic.severity().name().toLowerCase(Locale.ROOT));
      json.writeStringProperty("file", diagnostic.location().file());
      json.writeNumberProperty("line", diagnostic.location().line());
      json.writeNumberProperty("column", diagnostic.location().column());
      json.writeStringProperty("message", diagnostic.message());
      json.writeEndObject();
    }
    json.writeEndArray();
    if (!report.hasErrors()) {
      json.writeBooleanProperty("supervisor", report.needsSupervisor());
      json.writeNumberProperty("instructions", report.instructions());
      json.writeArrayPropertyStart("rules");
      report.rules().forEach(rule -> write(rule, json));
      json.writeEndArray();
    }
    json.writeEndObject();
  }

  private static void write(RuleReport rule, JsonGenerator json) {
    json.writeStartObject();
    json.writeStringProperty("name", rule.name());
    json.writeNumberProperty("line", rule.location().line());
    json.writeNumberProperty("column", rule.location().column());
    json.writeStringProperty("action", rule.action());
    json.writeObjectPropertyStart("classes");
    rule.classes()
        .forEach((safety, calls) -> {
          json.writeArrayPropertyStart(safety.name());
          calls.forEach(json::writeString);
          json.writeEndArray();
        });
    json.writeEndObject();
    json.writeEndObject();
  }
}
