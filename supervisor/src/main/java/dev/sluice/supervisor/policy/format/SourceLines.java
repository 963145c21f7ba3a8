package dev.sluice.supervisor.policy.format;

import java.util.ArrayList;
import java.util.List;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.CollectionNode;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/// The lines of a YAML text, and which of them a node stands on. Lines count from 0.
final class SourceLines {
  private final List<String> lines;

  SourceLines(String text) {
    this.lines = text.lines().toList();
  }

  int size() {
    return lines.size();
  }

  static int line(Node node) {
    return node.getStartMark().map(Mark::getLine).orElse(0);
  }

  static int column(Node node) {
    return node.getStartMark().map(Mark::getColumn).orElse(0);
  }

  /// The lines behind one and before another; what ends at the end of the text may end behind the
  /// last of them.
  List<String> between(int after, int before) {
    int end = Math.min(before, lines.size());
    return after + 1 < end ? lines.subList(after + 1, end) : List.of();
  }

  /// A node that stands on one line, as it is written; empty if it does not.
  String text(Node node) {
    int end = node.getEndMark().map(Mark::getLine).orElse(-1);
    int endColumn = node.getEndMark().map(Mark::getColumn).orElse(0);
    return end == line(node) ? slice(line(node), column(node), endColumn) : "";
  }

  /// Marks count code points.
  private String slice(int line, int from, int to) {
    String text = line < lines.size() ? lines.get(line) : "";
    int length = text.codePointCount(0, text.length());
    return text.substring(
        text.offsetByCodePoints(0, Math.min(from, length)),
        text.offsetByCodePoints(0, Math.min(to, length)));
  }

  private String behind(int line, int column) {
    return slice(line, column, Integer.MAX_VALUE);
  }

  /// What follows the colon of a key on its line.
  String behindColon(Node key) {
    String rest = behind(line(key), key.getEndMark().map(Mark::getColumn).orElse(0));
    int colon = rest.indexOf(':');
    return colon < 0 ? rest : rest.substring(colon + 1);
  }

  /// How many of the lines behind one go on with the comment that ends it: those in its column.
  int going(int line, String comment, List<String> below) {
    int column = Blanks.stripTrailing(lines.get(line)).length() - comment.length();
    return (int)
        below.stream()
            .takeWhile(
                text -> Blanks.strip(text).startsWith("#") && Blanks.indentOf(text) == column)
            .count();
  }

  /// What follows a value on its last line.
  String behind(Node value) {
    return behind(endLine(value), value.getEndMark().map(Mark::getColumn).orElse(0));
  }

  static int endLine(Node value) {
    return value.getEndMark().map(Mark::getLine).orElse(0);
  }

  /// What follows the dash of an item on its line.
  String behindDash(Node item) {
    return behind(dashLine(item), dashColumn(item) + 1);
  }

  /// The line of an item's dash: mostly the item's own.
  int dashLine(Node item) {
    int line = line(item);
    if (Blanks.isBlank(slice(line, 0, column(item)))) {
      do {
        line--;
      } while (line > 0 && !isDash(Blanks.strip(lines.get(line))));
    }
    return Math.max(line, 0);
  }

  int dashColumn(Node item) {
    int line = dashLine(item);
    String text = slice(line, 0, line == line(item) ? column(item) : Integer.MAX_VALUE);
    int dash = 0;
    for (int at = Blanks.indentOf(text); isDash(text.substring(at)); ) {
      dash = at;
      at += 1 + Blanks.indentOf(text.substring(at + 1));
    }
    return dash;
  }

  private static boolean isDash(String text) {
    return text.startsWith("-") && (text.length() == 1 || Blanks.isBlank(text.charAt(1)));
  }

  /// The last line that a document has something on, and not only comments.
  int lastLine(MappingNode top) {
    return lastLine(top, line(top), column(top));
  }

  int lastLine(NodeTuple tuple) {
    Node key = tuple.getKeyNode();
    return lastLine(tuple.getValueNode(), line(key), column(key));
  }

  int lastLineOfItem(Node item) {
    return lastLine(item, dashLine(item), dashColumn(item));
  }

  /// @param first the line of its key or dash
  /// @param column of the same
  private int lastLine(Node node, int first, int column) {
    return switch (node) {
      case CollectionNode<?> flow when flow.getFlowStyle() == FlowStyle.FLOW -> end(node, first);
      case MappingNode mapping ->
          mapping.getValue().stream().mapToInt(this::lastLine).reduce(first, Math::max);
      case SequenceNode sequence ->
          sequence.getValue().stream().mapToInt(this::lastLineOfItem).reduce(first, Math::max);
      default -> isBlock(node) ? lastLineOfBlock(node, first, column) : end(node, first);
    };
  }

  private static int end(Node node, int first) {
    return Math.max(first, node.getEndMark().map(Mark::getLine).orElse(first));
  }

  static boolean isBlock(Node node) {
    return node instanceof ScalarNode scalar
        && (scalar.getScalarStyle() == ScalarStyle.LITERAL
            || scalar.getScalarStyle() == ScalarStyle.FOLDED);
  }

  /// Its end is where the next line begins, if there is one. Blank lines there are a part of it
  /// only if it keeps them.
  private int lastLineOfBlock(Node scalar, int first, int column) {
    int header = line(scalar);
    boolean isBehind = scalar.getEndMark().map(Mark::getColumn).orElse(0) == 0;
    int last = Math.min(end(scalar, first) - (isBehind ? 1 : 0), lines.size() - 1);
    if (!header(scalar).keeps()) {
      int indent = indentOfBlock(scalar, last, column);
      while (last > header && isNothing(lines.get(last), indent)) {
        last--;
      }
    }
    return Math.max(last, first);
  }

  /// Blanks beyond the indentation are text.
  private static boolean isNothing(String line, int indent) {
    return line.length() <= indent && Blanks.isBlank(line);
  }

  BlockHeader header(Node scalar) {
    return BlockHeader.of(behind(line(scalar), column(scalar)));
  }

  /// Where the lines of a text begin. A tab is a part of it.
  private int indentOfBlock(Node scalar, int last, int column) {
    int own = header(scalar).indent();
    return own > 0
        ? column + own
        : between(line(scalar), last + 1).stream()
            .filter(line -> !Blanks.isBlank(line))
            .findFirst()
            .map(line -> (int) line.chars().takeWhile(c -> c == ' ').count())
            .orElse(Integer.MAX_VALUE);
  }

  /// The lines of a value behind its first, moved so that they are further in than its key.
  ///
  /// @param line of its key or dash
  /// @param column of the same
  /// @param indent where that is now
  List<String> continuation(Node value, int line, int column, int indent) {
    int last = lastLine(value, line, column);
    List<String> all = between(line, last + 1);
    if (!isBlock(value) || line(value) != line) {
      int least =
          all.stream()
              .filter(text -> !Blanks.isBlank(text))
              .mapToInt(Blanks::indentOf)
              .min()
              .orElse(0);
      return moved(
          all.stream().map(text -> Blanks.isBlank(text) ? "" : text).toList(), least, indent + 2);
    }
    int own = header(value).indent();
    return moved(all, indentOfBlock(value, last, column), indent + (own > 0 ? own : 2));
  }

  private static List<String> moved(List<String> lines, int from, int to) {
    var moved = new ArrayList<String>();
    for (String line : lines) {
      moved.add(line.length() > from ? " ".repeat(to) + line.substring(from) : "");
    }
    return moved;
  }
}
