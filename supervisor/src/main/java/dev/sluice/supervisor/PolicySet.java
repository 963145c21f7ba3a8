package dev.sluice.supervisor;

import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.Container;
import dev.sluice.supervisor.policy.Diagnostic;
import dev.sluice.supervisor.policy.PolicyCompiler;
import dev.sluice.supervisor.policy.PolicyException;
import dev.sluice.supervisor.policy.choice.Choice;
import dev.sluice.supervisor.policy.choice.PolicyFiles;
import dev.sluice.supervisor.policy.choice.PolicyFiles.Source;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The policies that have been read, all of which are right, and which of them decides for whom.
final class PolicySet {
  /// What decides for somebody.
  ///
  /// @param source what `policy` was compiled from; empty if there is no policy for it, and every
  ///   call is refused
  /// @param installed the policy whose filter it has
  record Chosen(
      Choice choice, Optional<Source> source, CompiledPolicy policy, CompiledPolicy installed) {
    Chosen(Choice choice, Optional<Source> source, CompiledPolicy policy) {
      this(choice, source, policy, policy);
    }

    boolean exists() {
      return source.isPresent();
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(PolicySet.class);

  private final PolicyFiles files;
  private final Function<Container, PolicyCompiler> compilers;
  private final Container container;
  private final CompiledPolicy fallback;

  /// Each of them, for `container`.
  private final Map<Source, CompiledPolicy> compiled;

  /// What is to replace a policy whose filter is installed, or why it cannot.
  private record Next(Optional<CompiledPolicy> policy, String complaint) {}

  /// What was compiled for those that somebody before us answered, and is the same for every
  /// container: of many that are taken back, all have the same.
  private final Map<Source, CompiledPolicy> installed = new ConcurrentHashMap<>();

  private final Map<Map.Entry<Source, Source>, Next> replacing = new ConcurrentHashMap<>();

  /// What was chosen last, and for whom: a command's filter is asked for first, and then it comes.
  private volatile Optional<Map.Entry<Handed, Chosen>> last = Optional.empty();

  private PolicySet(
      PolicyFiles files,
      Function<Container, PolicyCompiler> compilers,
      Container container,
      CompiledPolicy fallback,
      Map<Source, CompiledPolicy> compiled) {
    this.files = files;
    this.compilers = compilers;
    this.container = container;
    this.fallback = fallback;
    this.compiled = Map.copyOf(compiled);
  }

  /// Compiles them.
  ///
  /// @param container that of those who are not handed over
  /// @param known what has been compiled already, in the same way
  /// @throws PolicyException with all that is wrong with any
  static PolicySet of(
      PolicyFiles files,
      Function<Container, PolicyCompiler> compilers,
      Container container,
      Map<Source, CompiledPolicy> known)
      throws PolicyException {
    var diagnostics = new ArrayList<Diagnostic>();
    var compiled = new HashMap<Source, CompiledPolicy>();
    for (Source each : files.all()) {
      try {
        CompiledPolicy same = known.get(each);
        compiled.put(each, same != null ? same : compile(compilers, container, each));
      } catch (PolicyException e) {
        diagnostics.addAll(e.diagnostics());
      }
    }
    if (!diagnostics.isEmpty()) {
      throw new PolicyException(diagnostics);
    }
    Optional<CompiledPolicy> usual = files.fallback().map(compiled::get);
    CompiledPolicy fallback = usual.isPresent() ? usual.get() : refusing(compilers);
    return new PolicySet(files, compilers, container, fallback, compiled);
  }

  private static CompiledPolicy compile(
      Function<Container, PolicyCompiler> compilers, Container in, Source source)
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

  Map<Source, CompiledPolicy> compiled() {
    return compiled;
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
    return new Chosen(files.choose(container, ""), files.fallback(), fallback);
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

  /// The same for one that somebody before us answered, if it is known by what. What its filter
  /// cannot express does not decide, nor does a policy that is gone: what decided last goes on.
  ///
  /// @throws PolicyException if the policy that its filter is for is not right any more
  Chosen of(Handed handed, Optional<EarlierPolicies> earlier) throws PolicyException {
    return earlier.isPresent() ? of(handed, earlier.get()) : of(handed);
  }

  private Chosen of(Handed handed, EarlierPolicies earlier) throws PolicyException {
    Source first = earlier.installed();
    Choice choice = choice(handed);
    Optional<Source> source = files.source(choice.name());
    if (source.equals(Optional.of(first))) {
      return of(handed);
    }
    CompiledPolicy before = installed(handed, first);
    if (source.isEmpty()) {
      LOG.error("container {}: the policy '{}' is gone", handed.container().id(), choice.name());
    }
    Optional<Chosen> chosen = source.flatMap(now -> replacing(first, before, handed, choice, now));
    if (chosen.isEmpty() && !earlier.deciding().equals(first)) {
      var last = new Choice(earlier.deciding().name(), "as it was when it decided last");
      chosen = replacing(first, before, handed, last, earlier.deciding());
    }
    return chosen.orElseGet(() -> {
      var kept = new Choice(first.name(), "as it was when its filter was installed");
      return new Chosen(kept, Optional.of(first), before, before);
    });
  }

  private CompiledPolicy installed(Handed handed, Source source) throws PolicyException {
    CompiledPolicy known = installed.get(source);
    if (known != null) {
      return known;
    }
    CompiledPolicy policy = compile(compilers, handed.container(), source);
    if (policy.isForAll()) {
      installed.put(source, policy);
    }
    return policy;
  }

  /// Empty if `source` is wrong for it.
  private Optional<Chosen> replacing(
      Source first, CompiledPolicy before, Handed handed, Choice choice, Source source) {
    var both = Map.entry(first, source);
    Next next = replacing.get(both);
    if (next == null) {
      next = compile(before, handed, source);
      if (before.isForAll() && isForAll(next, source)) {
        replacing.put(both, next);
      }
    }
    if (next.policy.isEmpty()) {
      LOG.error("container {}: {}", handed.container().id(), next.complaint);
    }
    return next.policy.map(policy -> new Chosen(choice, Optional.of(source), policy, before));
  }

  private Next compile(CompiledPolicy before, Handed handed, Source source) {
    try {
      PolicyCompiler compiler = compilers.apply(handed.container()).replacing(before);
      CompiledPolicy policy = compiler.compile(source.file().toString(), source.text());
      return new Next(Optional.of(policy), "");
    } catch (PolicyException e) {
      return new Next(Optional.empty(), String.valueOf(e.getMessage()));
    }
  }

  private boolean isForAll(Next next, Source source) {
    if (next.policy.isPresent()) {
      return next.policy.get().isForAll();
    }
    CompiledPolicy alone = compiled.get(source);
    return alone != null && alone.isForAll();
  }

  /// The text of the policy for it; empty if there is none.
  Optional<Source> source(Handed handed) {
    return files.source(choice(handed).name());
  }

  /// Its name, and what named it.
  Choice choice(Handed handed) {
    return files.choose(handed.container(), handed.metadata());
  }

  private Chosen choose(Handed handed) throws PolicyException {
    Choice choice = choice(handed);
    Optional<Source> source = files.source(choice.name());
    if (source.isEmpty()) {
      return new Chosen(choice, source, refusing(compilers));
    }
    CompiledPolicy known = compiled.get(source.get());
    return new Chosen(
        choice,
        source,
        known != null && known.isForAll()
            ? known
            : compile(compilers, handed.container(), source.get()));
  }
}
