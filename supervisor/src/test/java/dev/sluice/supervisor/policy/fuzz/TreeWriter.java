package dev.sluice.supervisor.policy.fuzz;

import dev.sluice.supervisor.policy.fuzz.Tree.Entry;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Writes documents: as JSON, as YAML in brackets, or as YAML in lines that has brackets from some
/// depth on.
final class TreeWriter {
  private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9]\\d*)(\\.\\d+)?([eE]\\d+)?");
  private static final Pattern WORD = Pattern.compile("[\\w./@-]*");
  private static final Pattern LINES = Pattern.compile("\\S[ -~]*(\n *\\S[ -~]*)+\n?");

  private final boolean json;
  private final int lines;

  /// @param lines how deep lists and mappings stand in lines
  TreeWriter(boolean json, int lines) {
    this.json = json;
    this.lines = json ? 0 : lines;
  }

  String write(Tree tree) {
    return block(tree, 0, lines).stripLeading() + "\n";
  }

  /// What stands behind a `:` or `-`.
  private String block(Tree tree, int indent, int depth) {
    String start = "\n" + " ".repeat(indent);
    return switch (tree) {
      case Tree.Items(var items) when depth > 0 && !items.isEmpty() ->
          items.stream()
              .map(item -> start + "- " + block(item, indent + 2, depth - 1).stripLeading())
              .collect(Collectors.joining());
      case Tree.Keys(var entries) when depth > 0 && !entries.isEmpty() ->
          entries.stream()
              .map(entry -> start + key(entry) + block(entry.value(), indent + 2, depth - 1))
              .collect(Collectors.joining());
      case Tree.Leaf(var text, var _) when depth > 0 && LINES.matcher(text).matches() ->
          " |" + (text.endsWith("\n") ? "" : "-") + "\n" + text.indent(indent + 2).stripTrailing();
      default -> " " + flow(tree);
    };
  }

  private String flow(Tree tree) {
    return switch (tree) {
      case Tree.Items(var items) ->
          items.stream().map(this::flow).collect(Collectors.joining(", ", "[", "]"));
      case Tree.Keys(var entries) ->
          entries.stream()
              .map(entry -> key(entry) + " " + flow(entry.value()))
              .collect(Collectors.joining(", ", "{", "}"));
      case Tree.Leaf leaf -> scalar(leaf);
    };
  }

  private String key(Entry entry) {
    return scalar(new Tree.Leaf(entry.key(), !json && !entry.key().isEmpty())) + ":";
  }

  private String scalar(Tree.Leaf leaf) {
    if (leaf.plain() && leaf.text().isEmpty()) {
      return "null";
    }
    boolean plain =
        json
            ? NUMBER.matcher(leaf.text()).matches()
                || leaf.text().equals("null")
                || leaf.text().equals("true")
            : WORD.matcher(leaf.text()).matches() && !leaf.text().startsWith("@");
    return leaf.plain() && plain ? leaf.text() : quoted(leaf.text());
  }

  private static String quoted(String text) {
    var quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ' || c > '~') {
        quoted.append("\\u%04x".formatted((int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
