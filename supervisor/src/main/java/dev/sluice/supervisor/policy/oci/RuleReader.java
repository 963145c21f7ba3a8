package dev.sluice.supervisor.policy.oci;

import dev.sluice.supervisor.policy.oci.ProfileRule.Name;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads one entry of `syscalls`.
final class RuleReader {
  private static final int REGISTERS = 6;

  private static final List<String> KEYS =
      List.of(
          "names",
          "name",
          "action",
          "errnoRet",
          "errno",
          "args",
          "comment",
          "includes",
          "excludes");

  private final Host host;

  RuleReader(Host host) {
    this.host = host;
  }

  /// The rule; empty if it is wrong, or not for this host.
  Optional<ProfileRule> read(Members rule, int index) {
    rule.expectKeys("a rule", KEYS);
    rule.text("comment");
    List<Name> names = names(rule);
    Optional<Integer> action = Words.action(rule, "action", "errnoRet", "errno");
    List<Argument> arguments = arguments(rule);
    Optional<HostFilter> includes = HostFilter.read(rule, "includes");
    Optional<HostFilter> excludes = HostFilter.read(rule, "excludes");
    if (action.isEmpty()
        || excludes.stream().anyMatch(filter -> filter.rejects(host))
        || !includes.stream().allMatch(filter -> filter.admits(host))) {
      return Optional.empty();
    }
    return Optional.of(new ProfileRule(index, rule.location(), names, action.get(), arguments));
  }

  private static List<Name> names(Members rule) {
    var names = new ArrayList<Name>();
    if (rule.has("name")) {
      rule.text("name").ifPresent(name -> names.add(new Name(name, rule.locationOf("name"))));
      if (rule.has("names")) {
        rule.error(
            rule.locationOfKey("name"), "a rule has either 'names' or the older 'name', not both");
      }
      return names;
    }
    for (Json.Text name : rule.texts("names")) {
      names.add(new Name(name.value(), name.location()));
    }
    if (!rule.has("names") || rule.isEmptyList("names")) {
      rule.error(rule.location(), "'names' is missing: the calls a rule is about");
    }
    return names;
  }

  private static List<Argument> arguments(Members rule) {
    var arguments = new ArrayList<Argument>();
    for (Members argument : rule.objects("args")) {
      argument.expectKeys("an argument", List.of("index", "value", "valueTwo", "op"));
      for (String key : List.of("index", "op")) {
        if (!argument.has(key)) {
          argument.error(argument.location(), "'" + key + "' of the argument is missing");
        }
      }
      Optional<Long> index = argument.number("index", REGISTERS - 1);
      var operator = Words.constant(argument, "op", Operator.class, "operator");
      // as in the runtimes, which are written in Go, a number that is not there is 0
      long value = argument.number("value", -1).orElse(0L);
      long valueTwo = argument.number("valueTwo", -1).orElse(0L);
      if (index.isPresent() && operator.isPresent()) {
        arguments.add(Argument.of(index.get().intValue(), operator.get(), value, valueTwo));
      }
    }
    return arguments;
  }
}
