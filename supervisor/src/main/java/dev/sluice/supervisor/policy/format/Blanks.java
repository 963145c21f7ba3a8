package dev.sluice.supervisor.policy.format;

/// Blanks and tabs, which are all that YAML takes for none of a text: whatever else looks like them
/// is written there on purpose.
final class Blanks {
  private Blanks() {}

  static boolean isBlank(char c) {
    return c == ' ' || c == '\t';
  }

  static boolean isBlank(String line) {
    return indentOf(line) == line.length();
  }

  static int indentOf(String line) {
    int indent = 0;
    while (indent < line.length() && isBlank(line.charAt(indent))) {
      indent++;
    }
    return indent;
  }

  static String strip(String text) {
    return stripTrailing(text.substring(indentOf(text)));
  }

  static String stripTrailing(String text) {
    int end = text.length();
    while (end > 0 && isBlank(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(0, end);
  }
}
