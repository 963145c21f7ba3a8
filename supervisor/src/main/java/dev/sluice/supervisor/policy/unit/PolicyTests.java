package dev.sluice.supervisor.policy.unit;

import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.Diagnostic;
import dev.sluice.supervisor.policy.Emulations;
import dev.sluice.supervisor.policy.PolicyCompiler;
import dev.sluice.supervisor.policy.PolicyException;
import dev.sluice.supervisor.policy.condition.PathAnchor;
import dev.sluice.supervisor.policy.explain.Explainer;
import dev.sluice.supervisor.policy.explain.UndescribedException;
import dev.sluice.supervisor.policy.yaml.YamlMapping;
import dev.sluice.supervisor.policy.yaml.YamlText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The unit tests of a policy, beside it in `NAME.test.yaml`.
public final class PolicyTests {
  public static final String SUFFIX = ".test.yaml";

  private static final List<String> KEYS = List.of("policy", "environment", "task", "tests");
  private static final List<String> POLICY_SUFFIXES = List.of(".yaml", ".yml", ".json");

  private final Path policy;
  private final CompiledPolicy compiled;
  private final List<TestCase> cases;

  private PolicyTests(Path policy, CompiledPolicy compiled, List<TestCase> cases) {
    this.policy = policy;
    this.compiled = compiled;
    this.cases = List.copyOf(cases);
  }

  /// Reads the tests in `file`, and compiles the policy they are for.
  ///
  /// @param environment the policy's, where the file does not say otherwise
  /// @throws PolicyException with everything that is wrong with the tests, or with the policy
  public static PolicyTests read(Path file, Emulations emulations, Map<String, String> environment)
      throws PolicyException {
    var diagnostics = new ArrayList<Diagnostic>();
    Optional<YamlMapping> top =
        YamlText.read(file, diagnostics)
            .flatMap(text ->
                YamlText.compose(
                    file.toString(), text, "tests of a policy begin with 'tests:'", diagnostics))
            .flatMap(node -> YamlMapping.of(file.toString(), diagnostics, node, "a file of tests"));
    if (top.isEmpty()) {
      throw new PolicyException(diagnostics);
    }
    return read(file, top.get(), emulations, environment, diagnostics);
  }

  private static PolicyTests read(
      Path file,
      YamlMapping top,
      Emulations emulations,
      Map<String, String> environment,
      List<Diagnostic> diagnostics)
      throws PolicyException {
    top.onlyKeys("a file of tests", KEYS);
    var environmentOfTests = new HashMap<>(environment);
    top.mapping("environment")
        .ifPresent(mapping ->
            mapping
                .keys()
                .forEach(key ->
                    mapping.string(key).ifPresent(value -> environmentOfTests.put(key, value))));
    Optional<Path> policy = policyOf(file, top);
    if (policy.isEmpty() || !diagnostics.isEmpty()) {
      throw new PolicyException(diagnostics);
    }
    CompiledPolicy compiled =
        new PolicyCompiler(emulations, environmentOfTests).compile(policy.get());
    var reader =
        new TestReader(
            compiled.policy().architectures(), environmentOfTests.getOrDefault("HOME", ""));
    List<TestCase> cases = reader.read(top);
    if (!diagnostics.isEmpty()) {
      throw new PolicyException(diagnostics);
    }
    return new PolicyTests(policy.get(), compiled, cases);
  }

  /// The policy that is named, or that of the same name beside the tests.
  private static Optional<Path> policyOf(Path file, YamlMapping top) {
    if (top.has("policy")) {
      return top.string("policy").flatMap(name -> sibling(file, name, top));
    }
    String name = String.valueOf(file.getFileName());
    if (name.endsWith(SUFFIX)) {
      String stem = name.substring(0, name.length() - SUFFIX.length());
      for (String suffix : POLICY_SUFFIXES) {
        Path sibling = file.resolveSibling(stem + suffix);
        if (Files.exists(sibling)) {
          return Optional.of(sibling);
        }
      }
    }
    top.error(
        top.location(),
        "'policy' is missing: there is no policy of the same name beside the tests");
    return Optional.empty();
  }

  private static Optional<Path> sibling(Path file, String name, YamlMapping top) {
    try {
      return Optional.of(file.resolveSibling(PathAnchor.path(name)));
    } catch (IllegalArgumentException e) {
      top.error(top.locationOf("policy"), String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  public Path policy() {
    return policy;
  }

  public List<TestCase> cases() {
    return cases;
  }

  /// Decides every call, in both tiers.
  public List<TestResult> run() {
    var explainer = new Explainer(compiled);
    return cases.stream().map(test -> new TestResult(test, failure(explainer, test))).toList();
  }

  private static Optional<String> failure(Explainer explainer, TestCase test) {
    try {
      return test.compare(explainer.decide(test.call()));
    } catch (UndescribedException e) {
      return Optional.ofNullable(e.getMessage());
    }
  }
}
