package dev.sluice.supervisor.policy.fuzz;

import dev.sluice.supervisor.policy.yaml.YamlText;
import java.util.ArrayList;
import java.util.List;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/// A document of YAML or JSON, and its parts. Lists can be changed, in mappings a key may stand
/// twice.
sealed interface Tree {
  /// @param plain whether it may stand without quotes: a number, a word, nothing
  record Leaf(String text, boolean plain) implements Tree {}

  record Items(List<Tree> items) implements Tree {}

  record Keys(List<Entry> entries) implements Tree {}

  record Entry(String key, Tree value) {}

  static Tree parse(String text) {
    return of(YamlText.compose("seed", text, "it", new ArrayList<>()).orElseThrow());
  }

  private static Tree of(Node node) {
    return switch (node) {
      case ScalarNode scalar ->
          new Leaf(scalar.getValue(), scalar.getScalarStyle() == ScalarStyle.PLAIN);
      case SequenceNode list ->
          new Items(new ArrayList<>(list.getValue().stream().map(Tree::of).toList()));
      case MappingNode mapping ->
          new Keys(
              new ArrayList<>(
                  mapping.getValue().stream()
                      .map(tuple ->
                          new Entry(
                              ((ScalarNode) tuple.getKeyNode()).getValue(),
                              of(tuple.getValueNode())))
                      .toList()));
      default -> throw new IllegalArgumentException("not a part of a policy: " + node);
    };
  }

  /// The same, that can be changed by itself.
  default Tree copy() {
    return switch (this) {
      case Leaf leaf -> leaf;
      case Items(var items) -> new Items(new ArrayList<>(items.stream().map(Tree::copy).toList()));
      case Keys(var entries) ->
          new Keys(
              new ArrayList<>(
                  entries.stream()
                      .map(entry -> new Entry(entry.key(), entry.value().copy()))
                      .toList()));
    };
  }
}
