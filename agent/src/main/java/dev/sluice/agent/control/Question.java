package dev.sluice.agent.control;

import dev.sluice.agent.explain.AskedCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// A call to be explained, as JSON: `call`, `arguments`, `task`, `arch`.
final class Question {
  private static final JsonFactory JSON = new JsonFactory();

  private Question() {}

  static String write(String call, List<String> arguments, List<String> task) {
    return Json.object(json -> {
      json.writeStringProperty("call", call);
      json.writeArrayPropertyStart("arguments");
      arguments.forEach(json::writeString);
      json.writeEndArray();
      json.writeArrayPropertyStart("task");
      task.forEach(json::writeString);
      json.writeEndArray();
    });
  }

  /// Throws [IllegalArgumentException], saying what is wrong.
  static AskedCall read(byte[] body) {
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), body)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException("the body must be an object with 'call'");
      }
      return read(parser);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("the body is no JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static AskedCall read(JsonParser parser) {
    String call = "";
    List<String> arguments = List.of();
    List<String> task = List.of();
    Optional<String> arch = Optional.empty();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String key = parser.currentName();
      parser.nextToken();
      switch (key) {
        case "call" -> call = text(parser, key);
        case "arch" -> arch = Optional.of(text(parser, key));
        case "arguments" -> arguments = texts(parser, key);
        case "task" -> task = texts(parser, key);
        default ->
            throw new IllegalArgumentException(
                "unknown key '" + key + "'; it takes call, arguments, task, arch");
      }
    }
    if (call.isEmpty()) {
      throw new IllegalArgumentException("'call' is missing, the name of a system call");
    }
    return AskedCall.of(call, arguments, task, arch);
  }

  private static List<String> texts(JsonParser parser, String key) {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw new IllegalArgumentException("'" + key + "' must be a list of texts");
    }
    var texts = new ArrayList<String>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      texts.add(text(parser, key));
    }
    return texts;
  }

  private static String text(JsonParser parser, String key) {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw new IllegalArgumentException("'" + key + "' must be text");
    }
    return parser.getString();
  }
}
