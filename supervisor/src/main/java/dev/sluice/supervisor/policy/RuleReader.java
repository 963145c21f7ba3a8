package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.policy.yaml.YamlMapping;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.syscall.Groups;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/// Reads one rule.
final class RuleReader {
  private static final List<String> KEYS =
      List.of(
          "name",
          "on",
          "when",
          "allow",
          "deny",
          "return",
          "emulate",
          "redirect",
          "serve",
          "read-only",
          "hide",
          "ask",
          "kill",
          "trap",
          "trace",
          "log",
          "limit",
          "audit",
          "unsafe");

  private static final Set<String> RESERVED = Set.of(PolicyCompiler.DEFAULT, PolicyCompiler.GUARD);

  private static final int MAX_UNKNOWN = 100;

  private static final Set<String> KNOWN_CALLS = knownCalls();

  private RuleReader() {}

  static Optional<Rule> read(YamlMapping rule, int number) {
    rule.onlyKeys("a rule", KEYS);
    SortedSet<String> named = new TreeSet<>();
    Optional<Action> action = ActionReader.read(rule);
    boolean implied = !rule.has("on");
    SortedSet<String> calls =
        implied ? action.map(ImpliedCalls::of).orElseGet(TreeSet::new) : calls(rule, "on", named);
    if (implied && action.isPresent() && calls.isEmpty()) {
      rule.error(
          rule.location(),
          "'on' is missing: the calls a rule is about, such as \"@open\" or mount");
    }
    if (!implied && rule.isEmptyList("on")) {
      rule.error(rule.locationOf("on"), "'on' names no call, so that the rule would never decide");
    }
    if (action.isEmpty() || calls.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Rule(
            name(rule).orElse("rule " + number),
            rule.location(),
            calls,
            named,
            implied,
            rule.string("when").map(text -> new Rule.When(text, rule.textPlaces("when"))),
            action.get(),
            LimitReader.read(rule, action.get()),
            audit(rule),
            unsafeContinue(rule)));
  }

  private static Optional<String> name(YamlMapping rule) {
    Optional<String> name = rule.name("name");
    if (name.isPresent() && RESERVED.contains(name.get())) {
      rule.error(
          rule.locationOf("name"),
          "a rule cannot be called '" + name.get() + "': that is what decides where no rule does");
    }
    return name;
  }

  /// The calls a key names, by themselves or in groups.
  ///
  /// @param named where those named by themselves are added
  static SortedSet<String> calls(YamlMapping rule, String key, Set<String> named) {
    var calls = new TreeSet<String>();
    int unknown = 0;
    for (var word : rule.strings(key)) {
      String name = word.getKey();
      if (unknown > MAX_UNKNOWN) {
        break; // enough is said of what is no list of calls
      } else if (name.startsWith("@")) {
        Groups.members(name)
            .ifPresentOrElse(
                calls::addAll,
                () ->
                    rule.error(
                        word.getValue(),
                        "unknown group '"
                            + name
                            + "'"
                            + Suggestion.didYouMean(name, Groups.names())));
      } else if (KNOWN_CALLS.contains(name)) {
        calls.add(name);
        named.add(name);
      } else {
        unknown++;
        rule.error(
            word.getValue(),
            "unknown system call '" + name + "'" + Suggestion.didYouMean(name, KNOWN_CALLS));
      }
    }
    return calls;
  }

  private static Optional<AuditMode> audit(YamlMapping rule) {
    if (!rule.has("audit")) {
      return Optional.empty();
    }
    return switch (rule.string("audit").orElse("")) {
      case "never" -> Optional.of(AuditMode.NEVER);
      case "always" -> Optional.of(AuditMode.ALWAYS);
      case "alert" -> Optional.of(AuditMode.ALERT);
      case "exact" -> Optional.of(AuditMode.EXACT);
      default -> {
        rule.error(rule.locationOf("audit"), "'audit' is one of never, always, alert, exact");
        yield Optional.empty();
      }
    };
  }

  private static boolean unsafeContinue(YamlMapping rule) {
    if (!rule.has("unsafe")) {
      return false;
    }
    if (!rule.string("unsafe").equals(Optional.of("continue"))) {
      rule.error(rule.locationOf("unsafe"), "'unsafe' can only be 'continue'");
    }
    return true;
  }

  private static Set<String> knownCalls() {
    var known = new HashSet<String>();
    for (Arch arch : Arch.values()) {
      known.addAll(arch.numbers().keySet());
    }
    return known;
  }
}
