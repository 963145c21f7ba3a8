package dev.sluice.supervisor.policy.explain;

import dev.sluice.supervisor.syscall.Arch;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// Architectures under the names they have in a policy.
public final class ArchName {
  private ArchName() {}

  public static String of(Arch arch) {
    return arch.name().toLowerCase(Locale.ROOT);
  }

  /// Throws [IllegalArgumentException] if there is none of that name.
  public static Arch parse(String name) {
    List<Arch> all = Arrays.asList(Arch.values());
    return Arch.named(name)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "unknown architecture '"
                    + name
                    + "'; known are "
                    + all.stream().map(ArchName::of).collect(Collectors.joining(", "))));
  }
}
