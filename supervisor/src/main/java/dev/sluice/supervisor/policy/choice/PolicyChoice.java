package dev.sluice.supervisor.policy.choice;

import dev.sluice.supervisor.policy.Container;
import dev.sluice.supervisor.policy.Diagnostic;
import dev.sluice.supervisor.policy.Location;
import dev.sluice.supervisor.policy.PolicyException;
import dev.sluice.supervisor.policy.yaml.YamlMapping;
import dev.sluice.supervisor.policy.yaml.YamlText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How a container's policy is chosen: by `listenerMetadata` of its profile, which is the node's;
/// by its annotation `dev.sluice.policy`, unless that is not to be trusted; by the first choice
/// that holds; or it is the default.
final class PolicyChoice {
  /// The file in the directory of policies that says the rest.
  static final String FILE = "choice.yaml";

  static final PolicyChoice BY_NAME = new PolicyChoice(true, List.of(), Optional.empty());

  private static final String ANNOTATION = "dev.sluice.policy";
  private static final List<String> KEYS = List.of("sluice", "annotation", "choose", "default");

  private final boolean annotation;
  private final List<ChoiceRule> rules;
  private final Optional<Map.Entry<String, Location>> fallback;

  private PolicyChoice(
      boolean annotation, List<ChoiceRule> rules, Optional<Map.Entry<String, Location>> fallback) {
    this.annotation = annotation;
    this.rules = rules;
    this.fallback = fallback;
  }

  /// Reads [#FILE] of `directory`, if it is there.
  static PolicyChoice read(Path directory) throws PolicyException {
    Path file = directory.resolve(FILE);
    if (!Files.exists(file)) {
      return BY_NAME;
    }
    PolicyFiles.checkRegular(file);
    var diagnostics = new ArrayList<Diagnostic>();
    Optional<PolicyChoice> choice =
        YamlText.read(file, diagnostics)
            .flatMap(text ->
                YamlText.compose(
                    file.toString(), text, "it begins with 'sluice: choice-v1'", diagnostics))
            .flatMap(node -> YamlMapping.of(file.toString(), diagnostics, node, "this file"))
            .map(PolicyChoice::read);
    if (choice.isEmpty() || diagnostics.stream().anyMatch(Diagnostic::isError)) {
      throw new PolicyException(diagnostics);
    }
    return choice.get();
  }

  private static PolicyChoice read(YamlMapping top) {
    top.onlyKeys("this file", KEYS);
    if (!top.string("sluice").equals(Optional.of("choice-v1"))) {
      top.error(top.location(), "it must say 'sluice: choice-v1'");
    }
    Optional<String> annotation = top.string("annotation");
    if (annotation.isPresent() && !List.of("trusted", "ignored").contains(annotation.get())) {
      top.error(top.locationOf("annotation"), "'annotation' is trusted or ignored");
    }
    List<ChoiceRule> rules =
        top.mappings("choose").stream().map(ChoiceRule::read).flatMap(Optional::stream).toList();
    return new PolicyChoice(
        !annotation.equals(Optional.of("ignored")),
        rules,
        top.name("default").map(name -> Map.entry(name, top.locationOf("default"))));
  }

  /// The policies it names, and where.
  List<Map.Entry<String, Location>> names() {
    var names = new ArrayList<Map.Entry<String, Location>>();
    rules.forEach(rule -> names.add(Map.entry(rule.policy(), rule.location())));
    fallback.ifPresent(names::add);
    return names;
  }

  /// @param otherwise the default where the file names none; empty if there is none
  Choice choose(Container container, String metadata, String otherwise) {
    if (!metadata.isEmpty()) {
      return new Choice(metadata, "listenerMetadata");
    }
    String annotated = container.annotations().getOrDefault(ANNOTATION, "");
    if (annotation && !annotated.isEmpty()) {
      return new Choice(annotated, "annotation " + ANNOTATION);
    }
    for (ChoiceRule rule : rules) {
      if (rule.holds(container)) {
        return new Choice(rule.policy(), rule.location().toString());
      }
    }
    if (fallback.isPresent()) {
      return new Choice(fallback.get().getKey(), fallback.get().getValue().toString());
    }
    return otherwise.isEmpty() ? Choice.NONE : new Choice(otherwise, "default");
  }
}
