package dev.sluice.supervisor.audit;

import java.util.HexFormat;
import java.util.List;
import tools.jackson.core.JsonGenerator;

/// Arguments as members of an object. A text that is not UTF-8 stands there twice: readable, and
/// exact in hexadecimal under NAME_hex. Of what was cut, NAME_cut is true.
final class ArgumentJson {
  private ArgumentJson() {}

  static void write(JsonGenerator json, Argument argument) {
    String name = argument.name();
    switch (argument.value()) {
      case Argument.Plain(long number) -> json.writeNumberProperty(name, number);
      case Argument.Symbolic(String text) -> json.writeStringProperty(name, text);
      case Argument.Copied(ByteText text) -> text(json, name, text);
      case Argument.Texts(List<ByteText> texts, boolean cut) -> {
        texts(json, name, texts);
        cut(json, name, cut);
      }
      case Argument.Buffers(List<Argument.Buffer> buffers, boolean cut) -> {
        json.writeArrayPropertyStart(name);
        buffers.forEach(buffer -> buffer(json, buffer));
        json.writeEndArray();
        cut(json, name, cut);
      }
    }
  }

  private static void texts(JsonGenerator json, String name, List<ByteText> texts) {
    json.writeArrayPropertyStart(name);
    texts.forEach(text -> json.writeString(text.toString()));
    json.writeEndArray();
    if (!texts.stream().allMatch(ByteText::isUtf8)) {
      json.writeArrayPropertyStart(name + "_hex");
      texts.forEach(text -> json.writeString(hex(text)));
      json.writeEndArray();
    }
  }

  private static void buffer(JsonGenerator json, Argument.Buffer buffer) {
    json.writeStartObject();
    json.writeStringProperty("iov_base", "0x" + Long.toHexString(buffer.base()));
    json.writeNumberProperty("iov_len", buffer.length());
    buffer.data().ifPresent(data -> text(json, "data", data));
    json.writeEndObject();
  }

  private static void cut(JsonGenerator json, String name, boolean cut) {
    if (cut) {
      json.writeBooleanProperty(name + "_cut", true);
    }
  }

  static void text(JsonGenerator json, String name, ByteText text) {
    json.writeStringProperty(name, text.toString());
    if (!text.isUtf8()) {
      json.writeStringProperty(name + "_hex", hex(text));
    }
  }

  private static String hex(ByteText text) {
    return HexFormat.of().formatHex(text.bytes());
  }
}
