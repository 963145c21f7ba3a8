package dev.sluice.supervisor;

import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.Container;
import dev.sluice.supervisor.policy.Diagnostic;
import dev.sluice.supervisor.policy.PolicyCompiler;
import dev.sluice.supervisor.policy.PolicyException;
import dev.sluice.supervisor.policy.choice.Choice;
import dev.sluice.supervisor.policy.choice.PolicyFiles;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// The policies that have been read, all of which are right, and which of them decides for whom.
final class PolicySet {
  /// What decides for somebody.
  ///
  /// @param exists whether there is a policy for it: if not, every call is refused
  record Chosen(Choice choice, CompiledPolicy policy, boolean exists) {}

  private final PolicyFiles files;
  private final Function<Container, PolicyCompiler> compilers;
  private final Container container;
  private final CompiledPolicy fallback;

  /// Those that are the same for every container.
  private final Map<PolicyFiles.Source, CompiledPolicy> forAll;

  /// What was chosen last, and for whom: a command's filter is asked for first, and then it comes.
  private volatile Optional<Map.Entry<Handed, Chosen>> last = Optional.empty();

  private PolicySet(
      PolicyFiles files,
      Function<Container, PolicyCompiler> compilers,
      Container container,
      CompiledPolicy fallback,
      Map<PolicyFiles.Source, CompiledPolicy> forAll) {
    this.files = files;
    this.compilers = compilers;
    this.container = container;
    this.fallback = fallback;
    this.forAll = Map.copyOf(forAll);
  }

  /// Compiles them.
  ///
  /// @param container that of those who are not handed over
  /// @throws PolicyException with all that is wrong with any
  static PolicySet of(
      PolicyFiles files, Function<Container, PolicyCompiler> compilers, Container container)
      throws PolicyException {
    var diagnostics = new ArrayList<Diagnostic>();
    Optional<PolicyFiles.Source> usual = files.fallback();
    CompiledPolicy fallback = refusing(compilers);
    var forAll = new HashMap<PolicyFiles.Source, CompiledPolicy>();
    for (PolicyFiles.Source each : files.all()) {
      try {
        CompiledPolicy compiled = compile(compilers, container, each);
        fallback = usual.equals(Optional.of(each)) ? compiled : fallback;
        if (compiled.isForAll()) {
          forAll.put(each, compiled);
        }
      } catch (PolicyException e) {
        diagnostics.addAll(e.diagnostics());
      }
    }
    if (!diagnostics.isEmpty()) {
      throw new PolicyException(diagnostics);
    }
    return new PolicySet(files, compilers, container, fallback, forAll);
  }

  private static CompiledPolicy compile(
      Function<Container, PolicyCompiler> compilers, Container in, PolicyFiles.Source source)
      throws PolicyException {
    return compilers.apply(in).compile(source.file().toString(), source.text());
  }

  private static CompiledPolicy refusing(Function<Container, PolicyCompiler> compilers)
      throws PolicyException {
    return compilers.apply(Container.NONE).compile("no policy", "sluice: v1\ndefault: deny\n");
  }

  PolicyFiles files() {
    return files;
  }

  /// What compiles them for a container.
  Function<Container, PolicyCompiler> compilers() {
    return compilers;
  }

  /// The policy of those of whom nothing is known.
  CompiledPolicy fallback() {
    return fallback;
  }

  /// The same, and what it is called.
  Chosen usual() {
    return new Chosen(files.choose(container, ""), fallback, true);
  }

  /// @throws PolicyException if the policy is wrong for that container
  Chosen of(Handed handed) throws PolicyException {
    var known = last.filter(entry -> entry.getKey().equals(handed));
    if (known.isPresent()) {
      return known.get().getValue();
    }
    Chosen chosen = choose(handed);
    last = Optional.of(Map.entry(handed, chosen));
    return chosen;
  }

  private Chosen choose(Handed handed) throws PolicyException {
    Choice choice = files.choose(handed.container(), handed.metadata());
    Optional<PolicyFiles.Source> source = files.source(choice.name());
    if (source.isEmpty()) {
      return new Chosen(choice, refusing(compilers), false);
    }
    CompiledPolicy known = forAll.get(source.get());
    return new Chosen(
        choice, known != null ? known : compile(compilers, handed.container(), source.get()), true);
  }
}
