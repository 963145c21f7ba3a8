package dev.sluice.tests.harness;

import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/// One audit record. JSON is YAML.
public record Entry(Map<String, Object> fields) {
  /// Whether a line is the record of a call, rather than one about the log.
  static boolean isCall(String line) {
    return line.startsWith("{\"type\":\"call\"");
  }

  @SuppressWarnings("unchecked")
  static Entry parse(String line) {
    return new Entry(
        (Map<String, Object>) new Load(LoadSettings.builder().build()).loadFromString(line));
  }

  /// A field as text; empty if it is not there.
  public String text(String field) {
    return String.valueOf(fields.getOrDefault(field, ""));
  }

  public boolean has(String field) {
    return fields.containsKey(field);
  }

  /// Several fields, as in `deny refused EACCES`.
  public String texts(String... names) {
    return String.join(" ", java.util.Arrays.stream(names).map(this::text).toList());
  }
}
