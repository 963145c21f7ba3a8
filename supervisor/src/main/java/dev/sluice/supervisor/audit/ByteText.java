package dev.sluice.supervisor.audit;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Bytes that are a text to people, as names are to the kernel: they need not be valid UTF-8.
public final class ByteText {
  public static final ByteText EMPTY = new ByteText(new byte[0]);

  /// Stands where bytes were no UTF-8.
  private static final char REPLACEMENT = '\uFFFD';

  private final byte[] bytes;

  public ByteText(byte[] bytes) {
    this.bytes = bytes.clone();
  }

  public static ByteText of(String text) {
    return new ByteText(text.getBytes(StandardCharsets.UTF_8));
  }

  public byte[] bytes() {
    return bytes.clone();
  }

  public boolean isEmpty() {
    return bytes.length == 0;
  }

  /// Whether [#toString] gives all of it back.
  public boolean isUtf8() {
    return toString().indexOf(REPLACEMENT) < 0 || decodes();
  }

  private boolean decodes() {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ByteText text && Arrays.equals(bytes, text.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /// As UTF-8; what is not valid becomes U+FFFD.
  @Override
  public String toString() {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /// As a C string literal in double quotes, in printable ASCII and visible UTF-8: no two texts
  /// look alike, and no terminal obeys one.
  public String quoted() {
    var text = new StringBuilder(bytes.length + 2).append('"');
    if (isUtf8()) {
      toString().codePoints().forEach(point -> quote(point, text));
    } else {
      for (byte each : bytes) {
        int value = Byte.toUnsignedInt(each);
        if (value < 0x80) {
          quote(value, text);
        } else {
          text.append("\\x%02x".formatted(value));
        }
      }
    }
    return text.append('"').toString();
  }

  /// The same without the quotes: for people, in a sentence.
  public String visible() {
    String quoted = quoted();
    return quoted.substring(1, quoted.length() - 1);
  }

  /// A line for people, parts of which are quoted already: as it is, but for what no terminal
  /// shows.
  public static String harmless(String line) {
    var text = new StringBuilder(line.length());
    line.codePoints().forEach(point -> escape(point, text));
    return text.toString();
  }

  private static void quote(int point, StringBuilder to) {
    switch (point) {
      case '"' -> to.append("\\\"");
      case '\\' -> to.append("\\\\");
      default -> escape(point, to);
    }
  }

  private static void escape(int point, StringBuilder to) {
    switch (point) {
      case '\n' -> to.append("\\n");
      case '\t' -> to.append("\\t");
      case '\r' -> to.append("\\r");
      default -> {
        if (isVisible(point)) {
          to.appendCodePoint(point);
        } else {
          to.append(point < 0x100 ? "\\x%02x".formatted(point) : "\\u{%x}".formatted(point));
        }
      }
    }
  }

  /// Not what moves the cursor or turns the direction of writing.
  private static boolean isVisible(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.UNASSIGNED,
          Character.PRIVATE_USE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
