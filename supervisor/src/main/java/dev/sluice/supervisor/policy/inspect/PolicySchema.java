package dev.sluice.supervisor.policy.inspect;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.policy.explain.ArchName;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.syscall.Groups;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// The JSON Schema of policies, for editors. Its structure is a resource; the names in it come from
/// the tables the reader has.
public final class PolicySchema {
  private static final String RESOURCE = "policy.schema.json";

  private PolicySchema() {}

  /// The document.
  public static String text() {
    return template()
        .replace("\"@calls@\"", list(calls()))
        .replace("\"@errnos@\"", list(Errno.names()))
        .replace(
            "\"@architectures@\"", list(Arrays.stream(Arch.values()).map(ArchName::of).toList()));
  }

  private static String template() {
    try (var stream = PolicySchema.class.getResourceAsStream(RESOURCE)) {
      if (stream == null) {
        throw new IllegalStateException("resource " + RESOURCE + " is missing from this build");
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(RESOURCE, e);
    }
  }

  private static Set<String> calls() {
    var calls = new TreeSet<>(Groups.names());
    for (Arch arch : Arch.values()) {
      calls.addAll(arch.numbers().keySet());
    }
    return calls;
  }

  private static String list(Collection<String> words) {
    return words.stream().map(word -> '"' + word + '"').collect(Collectors.joining(", "));
  }
}
