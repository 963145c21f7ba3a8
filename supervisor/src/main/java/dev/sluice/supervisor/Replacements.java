package dev.sluice.supervisor;

import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.Container;
import dev.sluice.supervisor.policy.Diagnostic;
import dev.sluice.supervisor.policy.Location;
import dev.sluice.supervisor.policy.PolicyCompiler;
import dev.sluice.supervisor.policy.PolicyException;
import dev.sluice.supervisor.policy.choice.Choice;
import dev.sluice.supervisor.policy.choice.PolicyFiles;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// What is to decide from now on for each that is supervised: the policy of the name that it has,
/// as that reads now. Made whole before the first takes effect.
final class Replacements {
  private record Replacement(CompiledPolicy policy, Choice choice) {}

  private final Map<Supervised, Replacement> all = new LinkedHashMap<>();

  /// @throws PolicyException if one cannot be replaced by what was read
  Replacements(
      Function<Container, PolicyCompiler> compilers, PolicyFiles read, List<Supervised> supervised)
      throws PolicyException {
    // commands that were started under one policy have one filter
    var known = new IdentityHashMap<CompiledPolicy, Replacement>();
    for (Supervised each : supervised) {
      Replacement replacement = known.get(each.installed());
      if (replacement == null) {
        boolean without = !each.hasPolicy();
        Choice choice =
            without ? read.choose(each.container(), each.handed().metadata()) : each.choice();
        Optional<PolicyFiles.Source> source = read.source(choice.name());
        if (without && source.isEmpty()) {
          continue; // there is still none for it
        }
        if (source.isEmpty()) {
          throw gone(each);
        }
        PolicyCompiler compiler = compilers.apply(each.container());
        if (!without) {
          compiler = compiler.replacing(each.installed());
        }
        String name = source.get().file().toString();
        replacement = new Replacement(compiler.compile(name, source.get().text()), choice);
        known.put(each.installed(), replacement);
      }
      all.put(each, replacement);
    }
  }

  private static PolicyException gone(Supervised each) {
    String name = each.choice().name();
    return new PolicyException(
        List.of(
            Diagnostic.error(
                new Location(name, 1, 1),
                "this policy is gone, but container "
                    + each.container().id()
                    + " is under it; keep it until that has ended")));
  }

  void apply() {
    all.forEach((each, next) -> each.replace(next.policy, next.choice));
  }
}
