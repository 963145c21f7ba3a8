package dev.sluice.supervisor.policy.choice;

import dev.sluice.supervisor.policy.Container;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// The labels of a container, which only CRI-O tells an OCI runtime: as JSON, in one annotation.
final class PodLabels {
  private static final String CRI_O = "io.kubernetes.cri-o.Labels";
  private static final JsonFactory JSON = new JsonFactory();

  private PodLabels() {}

  /// Those there are; none if they cannot be read, so that no choice that needs one holds.
  static Map<String, String> of(Container container) {
    String text = container.annotations().getOrDefault(CRI_O, "");
    var labels = new LinkedHashMap<String, String>();
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return Map.of();
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String key = parser.currentName();
        if (parser.nextToken() == JsonToken.VALUE_STRING) {
          labels.put(key, parser.getString());
        } else {
          parser.skipChildren();
        }
      }
      return labels;
    } catch (JacksonException notJson) {
      return Map.of();
    }
  }
}
