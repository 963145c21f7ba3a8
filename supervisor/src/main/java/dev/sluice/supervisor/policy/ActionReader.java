package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.policy.yaml.YamlMapping;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads the action of a rule, or of `default`.
final class ActionReader {
  static final Set<String> ACTIONS =
      Set.of(
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
          "log");

  private static final Set<String> VALUELESS = Set.of("allow", "trap", "log", "read-only", "hide");

  private static final Pattern DURATION = Pattern.compile("([1-9]\\d{0,8})(ms|s|m)");

  private static final Duration LONGEST = Duration.ofDays(365);

  private ActionReader() {}

  /// The one action of a rule, or of `default`. Complains if there is none, or more than one.
  static Optional<Action> read(YamlMapping rule) {
    List<String> actions = rule.keys().stream().filter(ACTIONS::contains).toList();
    if (actions.size() != 1) {
      rule.error(
          actions.isEmpty() ? rule.location() : rule.locationOfKey(actions.get(1)),
          actions.isEmpty()
              ? "a rule needs an action, such as 'allow:' or 'deny: EACCES'"
              : "a rule has one action; this one has " + String.join(" and ", actions));
      return Optional.empty();
    }
    String keyword = actions.getFirst();
    if (VALUELESS.contains(keyword)) {
      rule.noValue(keyword);
    }
    return switch (keyword) {
      case "allow" -> Optional.of(new Action.Allow());
      case "trap" -> Optional.of(new Action.Trap());
      case "log" -> Optional.of(new Action.Log());
      case "deny" -> errno(rule, "deny").map(Action.Deny::new);
      case "return" -> rule.integer("return").map(Action.Return::new);
      case "trace" -> trace(rule);
      case "kill" -> kill(rule);
      case "redirect" -> rule.string("redirect").map(Action::redirect);
      case "serve" -> serve(rule);
      case "read-only" -> Optional.of(Action.readOnly());
      case "hide" -> Optional.of(new Action.Hide());
      case "emulate" -> emulate(rule);
      case "ask" -> ask(rule);
      default -> throw new IllegalStateException(keyword);
    };
  }

  static Optional<Integer> errno(YamlMapping mapping, String key) {
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

  /// Where the content of a file comes from: one of the keys of [Action.Serve.Source].
  private static Optional<Action> serve(YamlMapping rule) {
    Optional<YamlMapping> serve = rule.mapping("serve");
    if (serve.isEmpty()) {
      return Optional.empty();
    }
    YamlMapping mapping = serve.get();
    List<Action.Serve.Source> sources = List.of(Action.Serve.Source.values());
    mapping.onlyKeys("'serve'", sources.stream().map(Action.Serve.Source::key).toList());
    List<Action.Serve.Source> given =
        sources.stream().filter(source -> mapping.has(source.key())).toList();
    if (given.size() != 1) {
      mapping.error(
          mapping.location(),
          "'serve' takes one of content, file and template, as in '{ content: \"text\" }'");
      return Optional.empty();
    }
    Action.Serve.Source source = given.getFirst();
    return mapping
        .string(source.key())
        .map(text -> new Action.Serve(source, text, mapping.locationOf(source.key())));
  }

  private static Optional<Action> ask(YamlMapping rule) {
    Optional<YamlMapping> ask = rule.mapping("ask");
    if (ask.isEmpty()) {
      return Optional.empty();
    }
    YamlMapping mapping = ask.get();
    mapping.onlyKeys("'ask'", List.of("timeout", "otherwise", "remember"));
    Duration timeout =
        mapping.has("timeout")
            ? duration(mapping, "timeout").orElse(Duration.ZERO)
            : Duration.ofSeconds(60);
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

  /// A time that is longer than nothing, and can be counted in nanoseconds.
  static Optional<Duration> duration(YamlMapping mapping, String key) {
    Optional<String> text = mapping.string(key);
    if (text.isEmpty()) {
      return Optional.empty(); // it has been said what is wrong
    }
    Matcher matcher = DURATION.matcher(text.get());
    if (!matcher.matches()) {
      mapping.error(
          mapping.locationOf(key),
          "'" + key + "' takes a time such as 500ms, 60s or 5m, not '" + text.get() + "'");
      return Optional.empty();
    }
    long number = Long.parseLong(matcher.group(1));
    Duration time =
        switch (matcher.group(2)) {
          case "ms" -> Duration.ofMillis(number);
          case "s" -> Duration.ofSeconds(number);
          default -> Duration.ofMinutes(number);
        };
    if (time.compareTo(LONGEST) > 0) {
      mapping.error(
          mapping.locationOf(key),
          "'%s' takes %dm at most, which is a year, not '%s'"
              .formatted(key, LONGEST.toMinutes(), text.get()));
      return Optional.empty();
    }
    return Optional.of(time);
  }
}
