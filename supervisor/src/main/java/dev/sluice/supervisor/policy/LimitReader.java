package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.policy.yaml.YamlMapping;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads the limit of a rule: `limit: 10/s`, or a mapping of `rate`, `burst` and `otherwise`.
final class LimitReader {
  private static final Pattern RATE = Pattern.compile("([1-9]\\d{0,8})/(s|min|h)");
  private static final int MAX_BURST = 1_000_000;

  private LimitReader() {}

  static Optional<Limit> read(YamlMapping rule, Action action) {
    if (!rule.has("limit")) {
      return Optional.empty();
    }
    if (!takesPlace(action)) {
      rule.error(
          rule.locationOfKey("limit"),
          "'limit' is for calls that get what they ask for, not for '" + action.keyword() + "'");
      return Optional.empty();
    }
    if (!rule.isMapping("limit")) {
      return read(rule, "limit", Optional.empty(), Errno.EAGAIN.number());
    }
    YamlMapping limit = rule.mapping("limit").orElseThrow();
    limit.onlyKeys("'limit'", List.of("rate", "burst", "otherwise"));
    if (!limit.has("rate")) {
      limit.error(limit.location(), "'rate' is missing: how many calls, such as 10/s");
      return Optional.empty();
    }
    int otherwise =
        limit.has("otherwise")
            ? ActionReader.errno(limit, "otherwise").orElse(0)
            : Errno.EAGAIN.number();
    return read(limit, "rate", limit.integer("burst"), otherwise);
  }

  /// Whether there is something to be limited.
  private static boolean takesPlace(Action action) {
    return switch (action) {
      case Action.Allow _, Action.Log _, Action.Return _ -> true;
      case Action.Emulate _, Action.Serve _, Action.Ask _ -> true;
      case Action.Deny _, Action.Hide _, Action.Kill _, Action.Trap _, Action.Trace _ -> false;
    };
  }

  private static Optional<Limit> read(
      YamlMapping mapping, String key, Optional<Long> burst, int otherwise) {
    String text = mapping.string(key).orElse("");
    Matcher matcher = RATE.matcher(text);
    if (!matcher.matches()) {
      mapping.error(
          mapping.locationOf(key),
          "'" + key + "' takes a rate such as 10/s, 100/min or 1000/h, not '" + text + "'");
      return Optional.empty();
    }
    int count = Integer.parseInt(matcher.group(1));
    if (burst.isPresent() && (burst.get() < 1 || burst.get() > MAX_BURST)) {
      mapping.error(mapping.locationOf("burst"), "'burst' takes a number from 1 to " + MAX_BURST);
      return Optional.empty();
    }
    Duration time =
        switch (matcher.group(2)) {
          case "s" -> Duration.ofSeconds(1);
          case "min" -> Duration.ofMinutes(1);
          default -> Duration.ofHours(1);
        };
    int most = burst.map(Long::intValue).orElse(count);
    return Optional.of(new Limit(text, time.toNanos() / count, most, otherwise));
  }
}
