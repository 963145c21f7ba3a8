package dev.sluice.supervisor.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Where a condition stands in a file is known for each of its characters, however it is written.
class ConditionPlacesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "  when: fd == 1 && args[1] == 2\n",
        "  when:   fd == 1 &&\n    args[1] == 2 ||\n\n      fd == 3\n  audit: never\n",
        "  when:\n    fd == 1\n    || fd == 2\n",
        "  when: \"fd == 1 && args[1] == 2\"\n",
        "  when: \"fd == 1\\x20\\u0026\\U00000026 \\\n    args[1] == 2 ||\n    fd == 3\"\n",
        "  when: 'fd == 1 && task.comm == ''x'' || task.comm == ''''\n    || fd == 2'\n",
        "  when: |\n    fd == 1 &&\n      args[1] == 2\n\n    || fd == 3\n",
        "  when: |2-  # a comment\n      fd == 1 ||\n     fd == 2\n",
        "  when: >-\n    fd == 1 &&\n    args[1] == 2 ||\n\n    fd == 3\n    || fd == 4\n",
        "  when: >\n      fd == 1\n       || fd == 2\n      || fd == 3\n",
        "  when: &name !!str\n    'fd == 1'\n",
        "  when: &name # a comment\n    \"fd == 1\"\n",
        "  when: task.comm == \"\ud834\udd1e\" || fd == 1 || task.comm == \"é\"\n",
        "  when: |\r\n    fd == 1 ||\r\n    fd == 2\r\n",
      })
  void inOneRule(String when) {
    check("sluice: v1\nrules:\n- on: dup\n  return: 1\n  unsafe: continue\n" + when);
  }

  static Stream<Path> shipped() throws IOException {
    try (var files = Files.list(Path.of("..", "policies"))) {
      return files.filter(file -> file.toString().matches(".*/[^.]+\\.yaml")).toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("shipped")
  void inThePoliciesThatAreShipped(Path file) throws IOException {
    check(Files.readString(file));
  }

  /// Everything but white space stands where it is said to stand.
  private static void check(String policy) {
    List<String> lines = policy.lines().toList();
    for (Rule rule : Policies.compile(policy).policy().rules()) {
      if (rule.when().isPresent()) {
        int[] text = rule.when().get().expression().codePoints().toArray();
        for (int i = 0; i < text.length; i++) {
          Location at = rule.when().get().locationOf(i);
          int[] line = lines.get(at.line() - 1).codePoints().toArray();
          String written =
              Character.isWhitespace(text[i]) ? "" : Character.toString(line[at.column() - 1]);
          assertThat(written)
              .as("%s of %s", at, rule.when())
              .isIn("", "\\", "'", Character.toString(text[i]));
        }
      }
    }
  }
}
