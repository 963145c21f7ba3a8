package dev.sluice.supervisor.policy.condition;

/// `address.in("10.0.0.0/8")`: `in` is an operator of CEL, so the function has another name while
/// CEL reads it. That is as long, so that columns stay what they are.
final class InFunction {
  static final String NAME = "_0";

  /// CEL has no functions of any number of arguments.
  static final int MAX_ARGUMENTS = 16;

  private static final String IN = "in";

  private InFunction() {}

  /// `expression` with the function's other name, wherever it is called.
  static String rename(String expression) {
    var renamed = new StringBuilder(expression);
    int at = 0;
    while (at < expression.length()) {
      char c = expression.charAt(at);
      if (c == '"' || c == '\'') {
        at = endOfString(expression, at);
      } else if (expression.startsWith("//", at)) {
        at = endOfLine(expression, at);
      } else {
        if (c == '.' && isCall(expression, skipSpace(expression, at + 1))) {
          int name = skipSpace(expression, at + 1);
          for (int i = 0; i < NAME.length(); i++) {
            renamed.setCharAt(name + i, NAME.charAt(i));
          }
        }
        at++;
      }
    }
    return renamed.toString();
  }

  private static boolean isCall(String text, int at) {
    if (!text.startsWith(IN, at)) {
      return false;
    }
    int open = skipSpace(text, at + IN.length());
    return open < text.length() && text.charAt(open) == '(';
  }

  private static int skipSpace(String text, int from) {
    int at = from;
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
    return at;
  }

  private static int endOfLine(String text, int from) {
    int end = text.indexOf('\n', from);
    return end < 0 ? text.length() : end;
  }

  /// Behind the string literal that begins at `from`, as CEL's grammar has them: quoted once or
  /// three times, and raw behind an `r`.
  private static int endOfString(String text, int from) {
    String quote = text.substring(from, from + 1);
    boolean raw = from > 0 && "rR".indexOf(text.charAt(from - 1)) >= 0;
    if (text.startsWith(quote.repeat(3), from)) {
      quote = quote.repeat(3);
    }
    int at = from + quote.length();
    while (at < text.length() && !text.startsWith(quote, at)) {
      at += text.charAt(at) == '\\' && !raw ? 2 : 1;
    }
    return Math.min(at + quote.length(), text.length());
  }
}
