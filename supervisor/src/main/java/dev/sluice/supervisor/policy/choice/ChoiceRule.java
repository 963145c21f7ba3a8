package dev.sluice.supervisor.policy.choice;

import dev.sluice.supervisor.policy.Container;
import dev.sluice.supervisor.policy.Location;
import dev.sluice.supervisor.policy.condition.Glob;
import dev.sluice.supervisor.policy.yaml.YamlMapping;
import dev.sluice.supervisor.target.Text;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Containers, told by what Kubernetes calls them, and the policy that is theirs. What it does not
/// speak of may be anything.
///
/// @param location where the policy's name stands
record ChoiceRule(
    String policy,
    Location location,
    Map<String, Glob> names,
    Map<String, Glob> labels,
    Map<String, Glob> annotations) {
  private static final List<String> NAMES = List.of("namespace", "pod", "name", "image");
  private static final List<String> KEYS =
      List.of("policy", "namespace", "pod", "name", "image", "labels", "annotations");

  static Optional<ChoiceRule> read(YamlMapping rule) {
    rule.onlyKeys("a choice", KEYS);
    Optional<String> policy = rule.name("policy");
    if (policy.isEmpty()) {
      rule.error(rule.location(), "a choice needs 'policy', the name of one");
      return Optional.empty();
    }
    var names = new LinkedHashMap<String, Glob>();
    NAMES.stream().filter(rule::has).forEach(key -> glob(rule, key, names));
    return Optional.of(
        new ChoiceRule(
            policy.get(),
            rule.locationOf("policy"),
            names,
            globs(rule, "labels"),
            globs(rule, "annotations")));
  }

  private static Map<String, Glob> globs(YamlMapping rule, String key) {
    var globs = new LinkedHashMap<String, Glob>();
    rule.mapping(key).ifPresent(mapping -> mapping.keys().forEach(k -> glob(mapping, k, globs)));
    return globs;
  }

  private static void glob(YamlMapping in, String key, Map<String, Glob> to) {
    in.string(key)
        .ifPresent(pattern -> {
          try {
            to.put(key, Glob.compile(pattern));
          } catch (IllegalArgumentException e) {
            in.error(in.locationOf(key), String.valueOf(e.getMessage()));
          }
        });
  }

  boolean holds(Container container) {
    var named =
        Map.of(
            "namespace", container.namespace(),
            "pod", container.pod(),
            "name", container.name(),
            "image", container.image());
    return all(names, named)
        && all(labels, PodLabels.of(container))
        && all(annotations, container.annotations());
  }

  private static boolean all(Map<String, Glob> globs, Map<String, String> texts) {
    return globs.entrySet().stream()
        .allMatch(each -> each.getValue().matches(Text.of(texts.getOrDefault(each.getKey(), ""))));
  }
}
