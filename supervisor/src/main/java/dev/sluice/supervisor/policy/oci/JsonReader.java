package dev.sluice.supervisor.policy.oci;

import dev.sluice.supervisor.policy.Diagnostic;
import dev.sluice.supervisor.policy.Location;
import dev.sluice.supervisor.policy.yaml.YamlText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads JSON (RFC 8259) and remembers where everything stands.
final class JsonReader {
  /// No profile is half as deep; it bounds the recursion.
  private static final int MAX_DEPTH = 32;

  /// Fifty times as many as docker's own has; it bounds the memory.
  private static final int MAX_VALUES = 50_000;

  private static final Pattern NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

  private static final Pattern WORD = Pattern.compile("true|false|null");

  /// The text is no JSON from here on.
  private static final class Malformed extends Exception {
    private static final long serialVersionUID = 1;

    private final transient Diagnostic diagnostic;

    Malformed(Location at, String message) {
      super(null, null, false, false);
      this.diagnostic = Diagnostic.error(at, message);
    }
  }

  private final String file;
  private final String text;
  private final List<Diagnostic> diagnostics;
  private int at;
  private int line = 1;
  private int lineStart;
  private int depth;
  private int values;

  private JsonReader(String file, String text, List<Diagnostic> diagnostics) {
    this.file = file;
    this.text = text;
    this.diagnostics = diagnostics;
  }

  /// The value that is the whole of `text`; empty, with a diagnostic, if that is no JSON.
  static Optional<Json> read(String file, String text, List<Diagnostic> diagnostics) {
    if (YamlText.isTooLong(file, text.length(), diagnostics)) {
      return Optional.empty();
    }
    var reader = new JsonReader(file, text, diagnostics);
    try {
      Json value = reader.value();
      reader.skipBlanks();
      if (reader.at < text.length()) {
        throw reader.malformed("the value has ended, but here is " + reader.here());
      }
      return Optional.of(value);
    } catch (Malformed e) {
      diagnostics.add(e.diagnostic);
      return Optional.empty();
    }
  }

  private Json value() throws Malformed {
    skipBlanks();
    Location start = location();
    if (++values > MAX_VALUES) {
      throw new Malformed(start, "no more than " + MAX_VALUES + " values can stand in a file");
    }
    return switch (peek()) {
      case '{' -> object(start);
      case '[' -> array(start);
      case '"' -> new Json.Text(start, string());
      case 't', 'f', 'n' -> new Json.Word(start, match(WORD));
      case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' ->
          new Json.Numeral(start, match(NUMBER));
      default -> throw malformed("a value is expected, not " + here());
    };
  }

  private Json object(Location start) throws Malformed {
    var members = new LinkedHashMap<String, Json.Member>();
    open();
    while (!closes('}', members.isEmpty())) {
      Location key = location();
      if (peek() != '"') {
        throw malformed("a key in double quotes is expected, not " + here());
      }
      String name = string();
      skipBlanks();
      expect(':', "after the key '" + name + "'");
      if (members.put(name, new Json.Member(key, value())) != null) {
        diagnostics.add(Diagnostic.error(key, "the key '" + name + "' stands here twice"));
      }
    }
    depth--;
    return new Json.Struct(start, members);
  }

  private Json array(Location start) throws Malformed {
    var items = new ArrayList<Json>();
    open();
    while (!closes(']', items.isEmpty())) {
      items.add(value());
    }
    depth--;
    return new Json.Array(start, List.copyOf(items));
  }

  private void open() throws Malformed {
    if (++depth > MAX_DEPTH) {
      throw new Malformed(
          location(), "no more than " + MAX_DEPTH + " objects and lists can stand in each other");
    }
    at++;
  }

  /// Goes to the next element, over the comma before it, or past the end.
  private boolean closes(char end, boolean first) throws Malformed {
    skipBlanks();
    if (peek() == end) {
      at++;
      return true;
    }
    if (!first) {
      expect(',', "or '" + end + "'");
      skipBlanks();
    }
    return false;
  }

  private String string() throws Malformed {
    var value = new StringBuilder();
    at++;
    while (true) {
      char c = peek();
      if (c == '"') {
        at++;
        return value.toString();
      }
      if (c < ' ') {
        throw malformed(
            at < text.length() ? "a text may not contain " + here() : "a text does not end");
      }
      value.append(c == '\\' ? escape() : c);
      at++;
    }
  }

  private char escape() throws Malformed {
    at++;
    return switch (peek()) {
      case '"' -> '"';
      case '\\' -> '\\';
      case '/' -> '/';
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> unicode();
      default -> throw malformed("there is no escape \\ with " + here());
    };
  }

  private char unicode() throws Malformed {
    int value = 0;
    for (int i = 0; i < 4; i++) {
      at++;
      int digit = Character.digit(peek(), 16);
      if (digit < 0) {
        throw malformed("\\u takes four hexadecimal digits, not " + here());
      }
      value = value * 16 + digit;
    }
    return (char) value;
  }

  private String match(Pattern pattern) throws Malformed {
    Matcher matcher = pattern.matcher(text).region(at, text.length());
    if (!matcher.lookingAt()) {
      throw malformed("a value is expected, not " + here());
    }
    at = matcher.end();
    if (at < text.length() && Character.isLetterOrDigit(peek())) {
      throw malformed("'" + matcher.group() + "' is followed by " + here());
    }
    return matcher.group();
  }

  private void expect(char c, String where) throws Malformed {
    if (peek() != c) {
      throw malformed("'" + c + "' " + where + " is expected, not " + here());
    }
    at++;
  }

  private void skipBlanks() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
      if (text.charAt(at) == '\n') {
        line++;
        lineStart = at + 1;
      }
      at++;
    }
  }

  /// The character here; NUL, which stands nowhere in JSON, at the end.
  private char peek() {
    return at < text.length() ? text.charAt(at) : '\0';
  }

  private String here() {
    if (at >= text.length()) {
      return "the end of the file";
    }
    int c = text.codePointAt(at);
    return c < ' ' ? "a control character" : "'" + Character.toString(c) + "'";
  }

  private Location location() {
    return new Location(file, line, at - lineStart + 1);
  }

  private Malformed malformed(String message) {
    return new Malformed(location(), "this is not JSON: " + message);
  }
}
