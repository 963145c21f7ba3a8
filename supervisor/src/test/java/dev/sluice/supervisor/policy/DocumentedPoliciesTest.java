package dev.sluice.supervisor.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The policies in the documentation can be used as they stand there.
class DocumentedPoliciesTest {
  private static final Pattern EXAMPLE =
      Pattern.compile("^```yaml\n(.*?)^```", Pattern.MULTILINE | Pattern.DOTALL);

  /// In front of rules that stand alone.
  private static final String HEAD = "sluice: v1\nvars: { memory: 1024 }\n";

  static Stream<String> examples() throws IOException {
    return Stream.of(Path.of("../src/docs/policy.md"), Path.of("../README.md"))
        .map(DocumentedPoliciesTest::read)
        .flatMap(text -> EXAMPLE.matcher(text).results())
        .map(match -> match.group(1))
        .map(text -> text.startsWith("  - ") ? "rules:\n" + text : text)
        .map(text -> text.startsWith("rules:") ? HEAD + text : text);
  }

  @ParameterizedTest
  @MethodSource("examples")
  void canBeUsed(String policy) {
    assertThat(complaintsAbout(policy)).isEmpty();
  }

  private static List<String> complaintsAbout(String policy) {
    return Policies.complaintsAbout(policy, Map.of("HOME", "/home/me", "PWD", "/src"));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
