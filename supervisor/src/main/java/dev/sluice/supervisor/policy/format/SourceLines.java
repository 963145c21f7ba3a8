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

  static int indentOf(String line) {
    return line.length() - line.stripLeading().length();
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
    String text = lines.get(line);
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

  /// What follows the dash of an item on its line.
  String behindDash(Node item) {
    return behind(line(item), column(item)).strip();
  }

  /// The line of an item's dash: mostly the item's own.
  int dashLine(Node item) {
    int line = line(item);
    while (line > 0 && !lines.get(line).stripLeading().startsWith("-")) {
      line--;
    }
    return line;
  }

  int lastLine(Node node) {
    return lastLine(node, line(node));
  }

  /// The last line that a value has something on, and not only comments.
  ///
  /// @param first the line of its key or dash
  int lastLine(Node node, int first) {
    return switch (node) {
      case CollectionNode<?> flow when flow.getFlowStyle() == FlowStyle.FLOW -> end(node, first);
      case MappingNode mapping -> {
        int last = first;
        for (NodeTuple tuple : mapping.getValue()) {
          last = Math.max(last, lastLine(tuple.getValueNode(), line(tuple.getKeyNode())));
        }
        yield last;
      }
      case SequenceNode sequence -> {
        int last = first;
        for (Node item : sequence.getValue()) {
          last = Math.max(last, lastLine(item, dashLine(item)));
        }
        yield last;
      }
      case ScalarNode scalar when isBlock(scalar) -> lastLineOfBlock(scalar);
      default -> end(node, first);
    };
  }

  private static int end(Node node, int first) {
    return Math.max(first, node.getEndMark().map(Mark::getLine).orElse(first));
  }

  private static boolean isBlock(ScalarNode scalar) {
    return scalar.getScalarStyle() == ScalarStyle.LITERAL
        || scalar.getScalarStyle() == ScalarStyle.FOLDED;
  }

  /// Its text is what is further to the right than its first line.
  private int lastLineOfBlock(ScalarNode scalar) {
    int line = line(scalar) + 1;
    while (line < lines.size() && lines.get(line).isBlank()) {
      line++;
    }
    int indent = line < lines.size() ? indentOf(lines.get(line)) : 0;
    int last = line(scalar);
    for (; line < lines.size(); line++) {
      String text = lines.get(line);
      if (!text.isBlank() && indentOf(text) < indent) {
        break;
      }
      last = text.isBlank() ? last : line;
    }
    return last;
  }

  /// The lines of a value behind its first, moved so that the leftmost begins at `indent`.
  List<String> continuation(int first, int last, int indent) {
    List<String> all = between(first, last + 1);
    int least =
        all.stream()
            .filter(line -> !line.isBlank())
            .mapToInt(SourceLines::indentOf)
            .min()
            .orElse(0);
    var moved = new ArrayList<String>();
    for (String line : all) {
      moved.add(line.isBlank() ? "" : " ".repeat(indent) + line.substring(least));
    }
    return moved;
  }
}
