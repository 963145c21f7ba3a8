package dev.sluice.supervisor;

import dev.sluice.supervisor.audit.ByteText;
import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.Container;
import dev.sluice.supervisor.policy.Diagnostic;
import dev.sluice.supervisor.policy.Location;
import dev.sluice.supervisor.policy.PolicyCompiler;
import dev.sluice.supervisor.policy.PolicyException;
import dev.sluice.supervisor.policy.choice.Choice;
import dev.sluice.supervisor.policy.choice.PolicyFiles;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// What is to decide from now on for each that is supervised: the policy of the name that it has,
/// as that reads now. Made whole before the first takes effect.
final class Replacements {
  private record Replacement(CompiledPolicy policy, Choice choice, PolicyFiles.Source source) {}

  private final Map<Supervised, Replacement> all = new LinkedHashMap<>();

  /// What takes the place of a policy whose filter is installed: for all who have that, or for each
  /// container.
  private final IdentityHashMap<CompiledPolicy, Map<Optional<Container>, CompiledPolicy>> known =
      new IdentityHashMap<>();

  /// @throws PolicyException if one cannot be replaced by what was read
  Replacements(
      Function<Container, PolicyCompiler> compilers, PolicyFiles read, List<Supervised> supervised)
      throws PolicyException {
    for (Supervised each : supervised) {
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
      all.put(each, new Replacement(compile(compilers, each, source.get()), choice, source.get()));
    }
  }

  private CompiledPolicy compile(
      Function<Container, PolicyCompiler> compilers, Supervised each, PolicyFiles.Source source)
      throws PolicyException {
    var theirs = known.computeIfAbsent(each.installed(), _ -> new HashMap<>());
    var itsOwn = Optional.of(each.container());
    CompiledPolicy policy = theirs.get(Optional.<Container>empty());
    if (policy == null) {
      policy = theirs.get(itsOwn);
    }
    if (policy == null) {
      PolicyCompiler compiler = compilers.apply(each.container());
      if (each.hasPolicy()) {
        compiler = compiler.replacing(each.installed());
      }
      policy = compiler.compile(source.file().toString(), source.text());
      theirs.put(policy.isForAll() ? Optional.empty() : itsOwn, policy);
    }
    return policy;
  }

  private static PolicyException gone(Supervised each) {
    String name = each.choice().name();
    return new PolicyException(
        List.of(
            Diagnostic.error(
                new Location(name, 1, 1),
                "this policy is gone, but container "
                    + ByteText.harmless(each.container().id())
                    + " is under it; keep it until that has ended")));
  }

  void apply() {
    all.forEach((each, next) -> each.replace(next.policy, next.choice, next.source));
  }
}
