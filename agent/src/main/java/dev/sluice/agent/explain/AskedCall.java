package dev.sluice.agent.explain;

import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.explain.ArchName;
import dev.sluice.supervisor.policy.explain.CallReader;
import dev.sluice.supervisor.policy.explain.DescribedCall;
import dev.sluice.supervisor.policy.explain.DescribedTask;
import dev.sluice.supervisor.policy.explain.Explainer;
import dev.sluice.supervisor.policy.explain.UndescribedException;
import dev.sluice.supervisor.syscall.Arch;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A call as it is asked about.
///
/// @param words its arguments
/// @param facts of who calls, as `NAME=VALUE`
/// @param arch its ABI; that of the policy if empty
public record AskedCall(
    String name, List<String> words, List<String> facts, Optional<String> arch) {
  public AskedCall {
    words = List.copyOf(words);
    facts = List.copyOf(facts);
  }

  public static AskedCall of(
      String name, List<String> words, List<String> facts, Optional<String> arch) {
    return new AskedCall(name, words, facts, arch);
  }

  /// What `policy` does with it, and why, in lines. Throws [IllegalArgumentException], saying what
  /// is wrong with the call, or what would have to be known of it.
  public String explain(CompiledPolicy policy) {
    try {
      return ExplanationText.of(
          new Explainer(policy).explain(describe(policy.policy().architectures())));
    } catch (UndescribedException e) {
      throw new IllegalArgumentException(e.getMessage() + hint(e.missing()), e);
    }
  }

  private static String hint(String missing) {
    String task = "task.";
    if (missing.isEmpty()) {
      return "";
    }
    return missing.startsWith(task)
        ? ": add --task " + missing.substring(task.length()) + "=VALUE"
        : ": add " + missing + "=VALUE";
  }

  private DescribedCall describe(Set<Arch> architectures) {
    String home = System.getenv().getOrDefault("HOME", "");
    DescribedTask task = DescribedTask.UNKNOWN;
    for (String fact : facts) {
      int equals = fact.indexOf('=');
      if (equals < 0) {
        throw new IllegalArgumentException(
            "--task takes NAME=VALUE, such as uid=1000, not '" + fact + "'");
      }
      task = task.with(fact.substring(0, equals), fact.substring(equals + 1), home);
    }
    Arch usual =
        architectures.contains(Arch.host()) ? Arch.host() : architectures.iterator().next();
    return CallReader.read(arch.map(ArchName::parse).orElse(usual), name, words, task, home);
  }
}
