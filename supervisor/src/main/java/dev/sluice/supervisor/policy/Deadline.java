package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.policy.yaml.YamlMapping;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// How long the supervisor waits for somebody else, such as the server of a file system, before a
/// call fails.
///
/// @param otherwise the errno it fails with then
public record Deadline(Location location, Duration after, int otherwise) {

  /// Reads `deadline: 30s`, or a mapping of `after` and `otherwise`.
  static Optional<Deadline> read(YamlMapping policy) {
    if (!policy.has("deadline")) {
      return Optional.empty();
    }
    if (!policy.isMapping("deadline")) {
      return read(policy, policy, "deadline", Errno.EIO.number());
    }
    YamlMapping deadline = policy.mapping("deadline").orElseThrow();
    deadline.onlyKeys("'deadline'", List.of("after", "otherwise"));
    if (!deadline.has("after")) {
      deadline.error(deadline.location(), "'after' is missing: how long to wait, such as 30s");
      return Optional.empty();
    }
    int otherwise =
        deadline.has("otherwise")
            ? ActionReader.errno(deadline, "otherwise").orElse(0)
            : Errno.EIO.number();
    return read(policy, deadline, "after", otherwise);
  }

  private static Optional<Deadline> read(
      YamlMapping policy, YamlMapping mapping, String key, int otherwise) {
    return ActionReader.duration(mapping, key)
        .map(after -> new Deadline(policy.locationOfKey("deadline"), after, otherwise));
  }
}
