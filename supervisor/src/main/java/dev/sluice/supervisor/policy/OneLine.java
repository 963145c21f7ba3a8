package dev.sluice.supervisor.policy;

/// A text as one line of a terminal, which shows what cannot be seen and obeys nothing.
public final class OneLine {
  /// What is longer loses its middle: the end says what would be right.
  private static final int MAX_LENGTH = 1000;

  private static final int HEAD = 700;
  private static final int TAIL = 250;

  private OneLine() {}

  public static String of(String text) {
    var line = new StringBuilder(text.length());
    int point;
    for (int i = 0; i < text.length(); i += Character.charCount(point)) {
      point = text.codePointAt(i);
      if (isVisible(point)) {
        line.appendCodePoint(point);
      } else {
        line.append("\\u%04x".formatted(point));
      }
    }
    return line.length() <= MAX_LENGTH
        ? line.toString()
        : line.substring(0, HEAD) + " […] " + line.substring(line.length() - TAIL);
  }

  /// Not what ends a line, moves the cursor, or turns the direction of writing.
  private static boolean isVisible(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
