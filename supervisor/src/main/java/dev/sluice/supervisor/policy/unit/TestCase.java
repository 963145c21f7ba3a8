package dev.sluice.supervisor.policy.unit;

import dev.sluice.supervisor.policy.Location;
import dev.sluice.supervisor.policy.SafetyClass;
import dev.sluice.supervisor.policy.explain.DescribedCall;
import dev.sluice.supervisor.policy.explain.Explanation;
import dev.sluice.supervisor.policy.explain.Explanation.Tier;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// One unit test of a policy: a call, and what is expected to become of it.
///
/// @param name in words
/// @param location where it stands
public record TestCase(String name, Location location, DescribedCall call, Expected expected) {

  /// What is expected; what is absent may be anything.
  ///
  /// @param verdict such as `deny EACCES`, or its first word alone
  /// @param content of the file that is served
  /// @param limit the rate of the rule's limit, or `none`
  public record Expected(
      String verdict,
      Optional<String> content,
      Optional<String> limit,
      Optional<String> rule,
      Optional<Tier> tier,
      Optional<SafetyClass> safety) {}

  /// What is wrong with what became of the call; empty if it is as expected.
  Optional<String> compare(Explanation actual) {
    boolean verdict =
        actual.verdict().equals(expected.verdict)
            || actual.verdict().startsWith(expected.verdict + " ");
    if (!verdict) {
      return Optional.of("expected " + expected.verdict + ", got " + actual.verdict() + by(actual));
    }
    Optional<String> content = actual.content().map(TestCase::text);
    if (expected.content.isPresent() && !expected.content.equals(content)) {
      return Optional.of(
          content
              .map(text -> "expected another content than " + quoted(text) + by(actual))
              .orElseGet(() -> "expected a content, got none" + by(actual)));
    }
    if (expected.limit.isPresent() && !expected.limit.get().equals(actual.limit())) {
      return Optional.of(
          "expected the limit " + expected.limit.get() + ", got " + actual.limit() + by(actual));
    }
    if (expected.rule.isPresent() && !expected.rule.get().equals(actual.rule())) {
      return Optional.of(
          "expected "
              + expected.verdict
              + " by '"
              + expected.rule.get()
              + "', got it"
              + by(actual));
    }
    if (expected.tier.isPresent() && expected.tier.get() != actual.tier()) {
      return Optional.of(
          "expected the " + expected.tier.get() + " to decide, not the " + actual.tier());
    }
    return expected.safety.isPresent() && expected.safety.get() != actual.safety()
        ? Optional.of("expected the class " + expected.safety.get() + ", got " + actual.safety())
        : Optional.empty();
  }

  private static String text(byte[] content) {
    return new String(content, StandardCharsets.UTF_8);
  }

  private static String quoted(String text) {
    return '"' + text.replace("\n", "\\n") + '"';
  }

  private static String by(Explanation actual) {
    return actual
        .decision()
        .map(decision -> " by '" + decision.rule() + "' (" + decision.location() + ")")
        .orElse("");
  }
}
