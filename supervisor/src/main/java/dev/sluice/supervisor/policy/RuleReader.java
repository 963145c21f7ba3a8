package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.syscall.Groups;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads one rule, and the action of one.
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
          "ask",
          "kill",
          "trap",
          "trace",
          "log",
          "audit",
          "unsafe");

  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m)");

  private static final Set<String> KNOWN_CALLS = knownCalls();

  Optional<Rule> read(YamlMapping rule, int number) {
    rule.onlyKeys("a rule", KEYS);
    SortedSet<String> named = new TreeSet<>();
    SortedSet<String> calls = calls(rule, named);
    Optional<Action> action = action(rule);
    if (action.isEmpty() || calls.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Rule(
            rule.string("name").orElse("rule " + number),
            rule.location(),
            calls,
            named,
            rule.string("when").map(text -> new Rule.When(text, rule.textLocation("when"))),
            action.get(),
            audit(rule),
            unsafeContinue(rule)));
  }

  private static SortedSet<String> calls(YamlMapping rule, Set<String> named) {
    var calls = new TreeSet<String>();
    if (!rule.has("on")) {
      rule.error(
          rule.location(),
          "'on' is missing: the calls a rule is about, such as \"@open\" or mount");
    }
    for (var word : rule.strings("on")) {
      String name = word.getKey();
      if (name.startsWith("@")) {
        Groups.members(name)
            .ifPresentOrElse(
                calls::addAll,
                () ->
                    rule.error(
                        word.getValue(),
                        "unknown group '" + name + "'" + near(name, Groups.names())));
      } else if (KNOWN_CALLS.contains(name)) {
        calls.add(name);
        named.add(name);
      } else {
        rule.error(word.getValue(), "unknown system call '" + name + "'" + near(name, KNOWN_CALLS));
      }
    }
    return calls;
  }

  private static String near(String word, Set<String> candidates) {
    return Suggestion.closest(word, candidates)
        .map(best -> "; did you mean '" + best + "'?")
        .orElse("");
  }

  /// The one action of a rule, or of `default`. Complains if there is none, or more than one.
  Optional<Action> action(YamlMapping rule) {
    List<String> actions = rule.keys().stream().filter(PolicyReader.ACTIONS::contains).toList();
    if (actions.size() != 1) {
      rule.error(
          actions.isEmpty() ? rule.location() : rule.locationOfKey(actions.get(1)),
          actions.isEmpty()
              ? "a rule needs an action, such as 'allow:' or 'deny: EACCES'"
              : "a rule has one action; this one has " + String.join(" and ", actions));
      return Optional.empty();
    }
    String keyword = actions.getFirst();
    return switch (keyword) {
      case "allow" -> Optional.of(new Action.Allow());
      case "trap" -> Optional.of(new Action.Trap());
      case "log" -> Optional.of(new Action.Log());
      case "deny" -> errno(rule, "deny").map(Action.Deny::new);
      case "return" -> rule.integer("return").map(Action.Return::new);
      case "trace" -> trace(rule);
      case "kill" -> kill(rule);
      case "redirect" -> rule.string("redirect").map(Action::redirect);
      case "emulate" -> emulate(rule);
      case "ask" -> ask(rule);
      default -> throw new IllegalStateException(keyword);
    };
  }

  private static Optional<Integer> errno(YamlMapping mapping, String key) {
    Optional<String> name = mapping.string(key);
    if (name.isEmpty()) {
      return Optional.empty();
    }
    Optional<Errno> errno = Errno.named(name.get());
    if (errno.isEmpty()) {
      mapping.error(
          mapping.locationOf(key),
          "'" + key + "' takes an errno such as EACCES, not '" + name.get() + "'");
    }
    return errno.map(Errno::number);
  }

  private static Optional<Action> trace(YamlMapping rule) {
    Optional<Long> value = rule.integer("trace");
    if (value.isPresent() && (value.get() < 0 || value.get() > 0xffff)) {
      rule.error(rule.locationOf("trace"), "'trace' takes a number from 0 to 65535");
      return Optional.empty();
    }
    return value.map(number -> new Action.Trace(number.intValue()));
  }

  private static Optional<Action> kill(YamlMapping rule) {
    return switch (rule.string("kill").orElse("")) {
      case "thread" -> Optional.of(new Action.Kill(Action.Kill.Scope.THREAD));
      case "process" -> Optional.of(new Action.Kill(Action.Kill.Scope.PROCESS));
      default -> {
        rule.error(rule.locationOf("kill"), "'kill' is either thread or process");
        yield Optional.empty();
      }
    };
  }

  /// `emulate: NAME`, or a mapping of `handler: NAME` and its options.
  private static Optional<Action> emulate(YamlMapping rule) {
    if (!rule.isMapping("emulate")) {
      return rule.string("emulate").map(name -> new Action.Emulate(name, Map.of()));
    }
    YamlMapping mapping = rule.mapping("emulate").orElseThrow();
    var options = new LinkedHashMap<String, String>();
    for (String key : mapping.keys()) {
      if (!key.equals("handler")) {
        mapping.string(key).ifPresent(value -> options.put(key, value));
      }
    }
    if (!mapping.has("handler")) {
      mapping.error(mapping.location(), "'handler' is missing: the name of what emulates the call");
    }
    return mapping.string("handler").map(name -> new Action.Emulate(name, options));
  }

  private static Optional<Action> ask(YamlMapping rule) {
    Optional<YamlMapping> ask = rule.mapping("ask");
    if (ask.isEmpty()) {
      return Optional.empty();
    }
    YamlMapping mapping = ask.get();
    mapping.onlyKeys("'ask'", List.of("timeout", "otherwise", "remember"));
    Duration timeout =
        mapping.has("timeout") ? duration(mapping, "timeout") : Duration.ofSeconds(60);
    int otherwise =
        mapping.has("otherwise") ? errno(mapping, "otherwise").orElse(0) : Errno.EACCES.number();
    return Optional.of(new Action.Ask(timeout, otherwise, remember(mapping)));
  }

  private static Action.Ask.Remember remember(YamlMapping ask) {
    return switch (ask.has("remember") ? ask.string("remember").orElse("") : "nothing") {
      case "nothing" -> Action.Ask.Remember.NOTHING;
      case "path" -> Action.Ask.Remember.PATH;
      case "directory" -> Action.Ask.Remember.DIRECTORY;
      default -> {
        ask.error(ask.locationOf("remember"), "'remember' is one of nothing, path, directory");
        yield Action.Ask.Remember.NOTHING;
      }
    };
  }

  private static Duration duration(YamlMapping mapping, String key) {
    String text = mapping.string(key).orElse("");
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      mapping.error(
          mapping.locationOf(key),
          "'" + key + "' takes a time such as 500ms, 60s or 5m, not '" + text + "'");
      return Duration.ZERO;
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(number);
      case "s" -> Duration.ofSeconds(number);
      default -> Duration.ofMinutes(number);
    };
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
