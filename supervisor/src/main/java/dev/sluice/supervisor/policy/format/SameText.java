package dev.sluice.supervisor.policy.format;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.scanner.ScannerImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;
import org.snakeyaml.engine.v2.tokens.ScalarToken;
import org.snakeyaml.engine.v2.tokens.Token;

/// Whether two YAML texts mean the same and have the same comments.
final class SameText {
  private SameText() {}

  /// Whether it has neither anchors, which would be somewhere else, nor a key twice.
  static boolean isPlain(Node node) {
    return node.getAnchor().isEmpty()
        && switch (node) {
          case SequenceNode sequence -> sequence.getValue().stream().allMatch(SameText::isPlain);
          case MappingNode mapping ->
              byKey(mapping).size() == mapping.getValue().size()
                  && mapping.getValue().stream()
                      .allMatch(
                          tuple -> isPlain(tuple.getKeyNode()) && isPlain(tuple.getValueNode()));
          default -> true;
        };
  }

  /// @param first the document in `firstText`, which is plain
  static boolean isSame(Node first, Node second, String firstText, String secondText) {
    return isSame(first, second) && comments(firstText).equals(comments(secondText));
  }

  private static boolean isSame(Node first, Node second) {
    if (!first.getTag().equals(second.getTag())) {
      return false;
    }
    return switch (first) {
      case ScalarNode scalar ->
          second instanceof ScalarNode other && scalar.getValue().equals(other.getValue());
      case SequenceNode sequence ->
          second instanceof SequenceNode other && areSame(sequence.getValue(), other.getValue());
      case MappingNode mapping ->
          second instanceof MappingNode other && areSame(byKey(mapping), byKey(other));
      default -> false;
    };
  }

  private static boolean areSame(List<Node> first, List<Node> second) {
    if (first.size() != second.size()) {
      return false;
    }
    for (int i = 0; i < first.size(); i++) {
      if (!isSame(first.get(i), second.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean areSame(Map<String, Node> first, Map<String, Node> second) {
    return first.keySet().equals(second.keySet())
        && first.entrySet().stream()
            .allMatch(entry ->
                isSame(entry.getValue(), Objects.requireNonNull(second.get(entry.getKey()))));
  }

  /// Without those that stand there twice.
  private static Map<String, Node> byKey(MappingNode mapping) {
    var byKey = new HashMap<String, Node>();
    for (NodeTuple tuple : mapping.getValue()) {
      String key = tuple.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "?";
      byKey.put(key, tuple.getValueNode());
    }
    return byKey;
  }

  /// All of them, in no order.
  private static List<String> comments(String text) {
    var comments = new ArrayList<String>();
    var settings = LoadSettings.builder().setBufferSize(text.length() + 1).build();
    var scanner = new ScannerImpl(settings, new StreamReader(settings, text));
    int[] points = text.codePoints().toArray();
    int end = 0;
    while (scanner.hasNext()) {
      Token token = scanner.next();
      int start = index(token.getStartMark());
      if (start > end) {
        addAll(new String(points, end, start - end), comments);
      }
      end = Math.max(end, index(token.getEndMark()));
      if (token instanceof ScalarToken scalar && isBlock(scalar)) {
        String header = new String(points, start, end - start).lines().findFirst().orElse("");
        addAll(header.replaceFirst("^[^ \t]*", ""), comments);
      }
    }
    comments.sort(null);
    return comments;
  }

  private static boolean isBlock(ScalarToken scalar) {
    return scalar.getStyle() == ScalarStyle.LITERAL || scalar.getStyle() == ScalarStyle.FOLDED;
  }

  private static int index(Optional<Mark> mark) {
    return mark.map(Mark::getIndex).orElse(0);
  }

  /// @param between what stands between two tokens
  private static void addAll(String between, List<String> comments) {
    between.lines().map(Blanks::strip).filter(line -> line.startsWith("#")).forEach(comments::add);
  }
}
