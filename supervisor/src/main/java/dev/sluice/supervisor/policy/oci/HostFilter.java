package dev.sluice.supervisor.policy.oci;

import dev.sluice.supervisor.policy.oci.Host.KernelVersion;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// The `includes` or `excludes` of a rule.
///
/// @param capabilities of which all are asked for by `includes`, any by `excludes`
/// @param kernel the oldest one that is meant
record HostFilter(
    List<String> architectures, List<String> capabilities, Optional<KernelVersion> kernel) {
  private static final Pattern VERSION = Pattern.compile("\\d{1,6}\\.\\d{1,6}");

  static Optional<HostFilter> read(Members rule, String key) {
    return rule.object(key)
        .map(filter -> {
          filter.expectKeys("'" + key + "'", List.of("arches", "caps", "minKernel"));
          return new HostFilter(
              filter.texts("arches").stream().map(Json.Text::value).toList(),
              filter.texts("caps").stream().map(Json.Text::value).toList(),
              minKernel(filter));
        });
  }

  private static Optional<KernelVersion> minKernel(Members filter) {
    Optional<String> text = filter.text("minKernel");
    if (text.isPresent() && !VERSION.matcher(text.get()).matches()) {
      filter.error(
          filter.locationOf("minKernel"),
          "'minKernel' takes a version such as 4.8, not '" + text.get() + "'");
      return Optional.empty();
    }
    return text.map(KernelVersion::of);
  }

  /// As `includes`: whether the rule is for this host.
  boolean admits(Host host) {
    return (architectures.isEmpty() || names(host))
        && host.capabilities().containsAll(capabilities)
        && kernel.stream().allMatch(oldest -> host.kernel().compareTo(oldest) >= 0);
  }

  /// As `excludes`: whether the rule is not for this host.
  boolean rejects(Host host) {
    return names(host)
        || capabilities.stream().anyMatch(host.capabilities()::contains)
        || kernel.stream().anyMatch(oldest -> host.kernel().compareTo(oldest) >= 0);
  }

  private boolean names(Host host) {
    return architectures.contains(ScmpArch.shortName(host.arch()));
  }
}
