package dev.sluice.supervisor.policy.yaml;

import dev.sluice.supervisor.policy.BadCharacter;
import dev.sluice.supervisor.policy.Diagnostic;
import dev.sluice.supervisor.policy.Location;
import dev.sluice.supervisor.policy.OneLine;
import dev.sluice.supervisor.policy.Suggestion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/// A mapping of a YAML document, whose values are asked for by key and type. What is not as it
/// should be becomes a diagnostic, and the value is absent.
public final class YamlMapping {
  private final String file;
  private final List<Diagnostic> diagnostics;
  private final Location location;
  private final Map<String, Node> values = new LinkedHashMap<>();
  private final Map<String, Location> keys = new LinkedHashMap<>();

  private YamlMapping(String file, List<Diagnostic> diagnostics, MappingNode node) {
    this.file = file;
    this.diagnostics = diagnostics;
    this.location = locate(file, node);
    for (NodeTuple tuple : node.getValue()) {
      if (tuple.getKeyNode() instanceof ScalarNode key
          && BadCharacter.in(key.getValue()).isEmpty()) {
        if (values.containsKey(key.getValue())) {
          error(locate(file, key), "the key '" + key.getValue() + "' stands here twice");
        }
        values.put(key.getValue(), tuple.getValueNode());
        keys.put(key.getValue(), locate(file, key));
      } else {
        error(locate(file, tuple.getKeyNode()), "a key must be a word");
      }
    }
  }

  public static Optional<YamlMapping> of(
      String file, List<Diagnostic> diagnostics, Node node, String what) {
    if (node instanceof MappingNode mapping) {
      return Optional.of(new YamlMapping(file, diagnostics, mapping));
    }
    diagnostics.add(
        Diagnostic.error(
            locate(file, node), what + " must be a mapping of keys, not " + kind(node)));
    return Optional.empty();
  }

  public static Location locate(String file, Node node) {
    return node.getStartMark()
        .map(mark -> new Location(file, mark.getLine() + 1, mark.getColumn() + 1))
        .orElse(new Location(file, 1, 1));
  }

  public Location location() {
    return location;
  }

  /// The place of a value that is there.
  public Location locationOf(String key) {
    return locate(file, Objects.requireNonNull(values.get(key)));
  }

  public Location locationOfKey(String key) {
    return Objects.requireNonNull(keys.get(key));
  }

  public boolean has(String key) {
    return values.containsKey(key);
  }

  public Set<String> keys() {
    return values.keySet();
  }

  public void error(Location at, String message) {
    diagnostics.add(Diagnostic.error(at, message));
  }

  /// Complains about every key that is none of `known`.
  public void onlyKeys(String what, List<String> known) {
    keys.forEach((key, at) -> {
      if (!known.contains(key)) {
        String hint =
            Suggestion.closest(key, known)
                .map(word -> "; did you mean '" + word + "'?")
                .orElse("; it takes " + String.join(", ", known));
        error(at, "unknown key '" + key + "' in " + what + hint);
      }
    });
  }

  public Optional<String> string(String key) {
    return Optional.ofNullable(values.get(key)).flatMap(node -> scalar(node, "'" + key + "'"));
  }

  /// A name for people to read: one line, whatever is in it.
  public Optional<String> name(String key) {
    return string(key).map(String::strip).map(OneLine::of);
  }

  public Optional<Long> integer(String key) {
    Node node = values.get(key);
    if (node == null) {
      return Optional.empty();
    }
    if (node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.INT)) {
      try {
        return Optional.of(Long.decode(scalar.getValue().replace("0o", "0")));
      } catch (NumberFormatException tooLarge) {
        error(locate(file, node), "'" + key + "' is out of range: " + scalar.getValue());
        return Optional.empty();
      }
    }
    error(locate(file, node), "'" + key + "' must be a whole number, not " + kind(node));
    return Optional.empty();
  }

  /// Complains about a value of a key that says everything by itself.
  public void noValue(String key) {
    Node node = values.get(key);
    if (!(node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.NULL))) {
      error(locationOf(key), "'" + key + "' takes no value");
    }
  }

  /// A string, or a list of strings: each with its place.
  public List<Map.Entry<String, Location>> strings(String key) {
    Node node = values.get(key);
    var strings = new ArrayList<Map.Entry<String, Location>>();
    List<Node> items =
        node instanceof SequenceNode sequence
            ? sequence.getValue()
            : node == null ? List.of() : List.of(node);
    for (Node item : items) {
      scalar(item, "'" + key + "'")
          .ifPresent(text -> strings.add(Map.entry(text, locate(file, item))));
    }
    return strings;
  }

  public Optional<YamlMapping> mapping(String key) {
    Node node = values.get(key);
    return node == null ? Optional.empty() : of(file, diagnostics, node, "'" + key + "'");
  }

  public boolean isEmptyList(String key) {
    return values.get(key) instanceof SequenceNode list && list.getValue().isEmpty();
  }

  public boolean isMapping(String key) {
    return values.get(key) instanceof MappingNode;
  }

  /// The mappings of a list.
  public List<YamlMapping> mappings(String key) {
    Node node = values.get(key);
    var mappings = new ArrayList<YamlMapping>();
    if (node instanceof SequenceNode sequence) {
      for (Node item : sequence.getValue()) {
        of(file, diagnostics, item, "each of '" + key + "'").ifPresent(mappings::add);
      }
    } else if (node != null) {
      error(locate(file, node), "'" + key + "' must be a list, not " + kind(node));
    }
    return mappings;
  }

  /// Where the parts of a scalar's text stand, by their offset in it. Each goes on until the next.
  public NavigableMap<Integer, Location> textPlaces(String key) {
    return values.get(key) instanceof ScalarNode scalar
        ? ScalarPlaces.of(file, scalar)
        : new TreeMap<>(Map.of(0, locationOf(key)));
  }

  private Optional<String> scalar(Node node, String what) {
    if (node instanceof ScalarNode scalar && !scalar.getTag().equals(Tag.NULL)) {
      Optional<String> bad = BadCharacter.in(scalar.getValue());
      bad.ifPresent(name -> error(locate(file, node), what + " must be a text without " + name));
      return bad.isPresent() ? Optional.empty() : Optional.of(scalar.getValue());
    }
    error(locate(file, node), what + " must be a text, not " + kind(node));
    return Optional.empty();
  }

  private static String kind(Node node) {
    return switch (node) {
      case MappingNode _ -> "a mapping";
      case SequenceNode _ -> "a list";
      case ScalarNode scalar when scalar.getTag().equals(Tag.NULL) -> "nothing";
      case ScalarNode scalar -> "'" + scalar.getValue() + "'";
      default -> "this";
    };
  }
}
