package dev.sluice.supervisor.policy.condition;

import dev.sluice.supervisor.policy.Container;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The texts a condition may name that are known when it is compiled, and what they stand for in
/// the file system: looked up once, and not for every call of a rule.
final class ConstantTexts {
  private static final String VARS = "vars.";
  static final String CONTAINER = "container.";

  private final Map<String, String> vars;
  private final String home;
  private final Optional<Container> container;
  private final Map<String, List<TextPattern>> globs = new HashMap<>();
  private final Map<String, List<byte[]>> directories = new HashMap<>();
  private boolean ofContainer;

  /// @param vars the policy's own
  /// @param home what `~` stands for; empty if nothing does
  /// @param container empty if it may be any
  ConstantTexts(Map<String, String> vars, String home, Optional<Container> container) {
    this.vars = vars;
    this.home = home;
    this.container = container;
  }

  /// The text of that name, if it is one of them; of a container that may be any, an empty one.
  Optional<String> named(String name) {
    ofContainer |= name.startsWith(CONTAINER);
    return switch (name) {
      case "container.id" -> Optional.of(known().id());
      case "container.bundle" -> Optional.of(known().bundle());
      case "container.namespace" -> Optional.of(known().namespace());
      case "container.pod" -> Optional.of(known().pod());
      case "container.name" -> Optional.of(known().name());
      case "container.image" -> Optional.of(known().image());
      default ->
          name.startsWith(VARS)
              ? Optional.ofNullable(vars.get(name.substring(VARS.length())))
              : Optional.empty();
    };
  }

  /// An annotation of the container; empty if it has none of that name.
  String annotation(String name) {
    ofContainer = true;
    return known().annotations().getOrDefault(name, "");
  }

  private Container known() {
    return container.orElse(Container.NONE);
  }

  /// Whether the container may be any.
  boolean areOfAnyContainer() {
    return container.isEmpty();
  }

  /// Whether any was of the container.
  boolean areOfContainer() {
    return ofContainer;
  }

  /// One of them is to match. Throws [IllegalArgumentException], saying what is wrong with the
  /// pattern.
  List<TextPattern> globs(String pattern) {
    return globs.computeIfAbsent(
        pattern,
        text ->
            PathAnchor.patterns(text, home).stream()
                .<TextPattern>map(each -> new TextPattern.Globbed(Glob.compile(each)))
                .toList());
  }

  /// What the path may be called. Throws [IllegalArgumentException], saying what is wrong with it.
  List<byte[]> directories(String path) {
    return directories.computeIfAbsent(
        path, text -> PathAnchor.directories(text, home).stream().map(TextPattern::bytes).toList());
  }
}
