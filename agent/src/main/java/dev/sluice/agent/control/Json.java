package dev.sluice.agent.control;

import java.io.StringWriter;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// JSON texts.
final class Json {
  private static final JsonFactory FACTORY = new JsonFactory();

  private Json() {}

  /// An object with what `members` writes.
  static String object(Consumer<JsonGenerator> members) {
    return write(json -> {
      json.writeStartObject();
      members.accept(json);
      json.writeEndObject();
    });
  }

  /// An array of objects.
  static <T> String array(Iterable<T> items, BiConsumer<JsonGenerator, T> members) {
    return write(json -> {
      json.writeStartArray();
      for (T item : items) {
        json.writeStartObject();
        members.accept(json, item);
        json.writeEndObject();
      }
      json.writeEndArray();
    });
  }

  private static String write(Consumer<JsonGenerator> content) {
    var text = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
      content.accept(json);
    }
    return text.append('\n').toString();
  }
}
