package dev.sluice.supervisor.policy.format;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/// Whether two YAML texts mean the same and have the same comments.
final class SameText {
  private SameText() {}

  /// @param first the document in `firstText`
  static boolean isSame(Node first, Node second, String firstText, String secondText) {
    return isSame(first, second) && comments(firstText).equals(comments(secondText));
  }

  private static boolean isSame(Node first, Node second) {
    if (!first.getTag().equals(second.getTag()) || first.getAnchor().isPresent()) {
      return false;
    }
    return switch (first) {
      case ScalarNode scalar ->
          second instanceof ScalarNode other && scalar.getValue().equals(other.getValue());
      case SequenceNode sequence ->
          second instanceof SequenceNode other && areSame(sequence.getValue(), other.getValue());
      case MappingNode mapping ->
          second instanceof MappingNode other
              && byKey(mapping).size() == mapping.getValue().size()
              && areSame(byKey(mapping), byKey(other));
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

  /// All that could be one, in any order.
  private static List<String> comments(String text) {
    var comments = new ArrayList<String>();
    for (String line : text.lines().toList()) {
      int hash = line.indexOf('#');
      if (hash >= 0) {
        comments.add(line.substring(hash).strip());
      }
    }
    comments.sort(null);
    return comments;
  }
}
