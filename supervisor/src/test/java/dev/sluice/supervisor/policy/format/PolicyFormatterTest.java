package dev.sluice.supervisor.policy.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.Policies;
import dev.sluice.supervisor.policy.PolicyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// One form for policies, whatever theirs was.
class PolicyFormatterTest {
  private static String format(String text) throws PolicyException {
    return PolicyFormatter.format("p.yaml", text);
  }

  @Test
  void keysHaveAnOrderAndCommentsStayWithThem() throws PolicyException {
    assertThat(
            format(
                """
                # what it is for

                rules:
                # first
                -   deny:   EACCES   # because
                    # which
                    on: '@open'
                    when: >-
                        path.under("/a") ||
                          path.under("/b")
                    name:  a
                    # tail of a


                # second
                - {name: b,   on: dup, deny: EIO}
                - on:
                  - dup3
                  # other
                  - dup2
                  emulate:
                      handler: mount
                      images:   read-only
                  # commented: out
                name: 'x'
                sluice:   v1
                vars:
                    w: "${PWD}"     # where
                # end
                """))
        .isEqualTo(
            """
            # what it is for

            sluice: v1
            name: "x"
            vars:
              w: "${PWD}"     # where
            rules:
              # first
              - name: a
                # which
                on: "@open"
                when: >-
                  path.under("/a") ||
                    path.under("/b")
                deny: EACCES   # because
                # tail of a

              # second
              - {name: b,   on: dup, deny: EIO}

              - on:
                  - dup3
                  # other
                  - dup2
                emulate:
                  handler: mount
                  images: read-only
                # commented: out
            # end
            """);
  }

  @Test
  void commentsStayWhereTheyBelong() throws PolicyException {
    assertThat(
            format(
                """
                # what it is for

                # what is decided
                rules: # which
                    -  # the first
                       # about on
                       on: [dup, # one
                        dup2] # two
                       deny: EIO
                         # below deny
                       # at the end of the first
                    # above the second
                    - on: dup3
                      when: |
                          fd == 0
                        # below when
                      allow:  # nothing
                    # at the end of rules
                # of sluice
                sluice: v1
                  # below sluice
                vars:
                  # above a
                  a: '#a' # beside a

                  # at the end of vars
                # at the end\
                """))
        .isEqualTo(
            """
            # what it is for

            # of sluice
            sluice: v1
              # below sluice
            vars:
              # above a
              a: "#a" # beside a
              # at the end of vars
            # what is decided
            rules: # which
              # the first
              # about on
              - on: [dup, # one
                  dup2] # two
                deny: EIO
                  # below deny
                # at the end of the first
              # above the second
              - on: dup3
                when: |
                  fd == 0
                # below when
                allow:  # nothing
              # at the end of rules
            # at the end
            """);
  }

  @Test
  void whatGoesOnUnderACommentStaysThere() throws PolicyException {
    assertThat(
            format(
                """
                rules:      # which
                            # are
                            # all

                     # the first
                -  on: dup  # what
                            # and why
                   deny:   'EIO'   # how
                                   # and
                                # besides
                sluice: v1  # this
                            # one
                vars:       # no
                            # more
                  a: b
                """))
        .isEqualTo(
            """
            sluice: v1  # this
                        # one
            vars:       # no
                        # more
              a: b
            rules:      # which
                        # are
                        # all
              # the first
              - on: dup  # what
                         # and why
                deny: "EIO"   # how
                              # and
                  # besides
            """);
  }

  @Test
  void theFirstKeysCommentsStayApartFromThoseOfTheFile() throws PolicyException {
    assertThat(format("# file\nname: a\n# of sluice\nsluice: v1\n"))
        .isEqualTo("# file\n\n# of sluice\nsluice: v1\nname: a\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"|", "|+", "|2", ">2+", "|-"})
  void aTextThatEndsWithTheFileKeepsItsEnd(String header) throws PolicyException {
    assertThat(format("name: " + header + " # why\n  a\nsluice: " + header + " # v\n  v1"))
        .isEqualTo("sluice: %1$s # v\n  v1\nname: %1$s # why\n  a\n", header);
  }

  @Test
  void blankLinesThatAreTextStay() throws PolicyException {
    String text = "sluice: v1\nname: |+\n  a\n   \n\n# b\n\nvars:\n  c: |\n    d\n     \n";

    assertThat(format(text)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sluice: v1\nrules:\n- &a {on: dup, deny: EIO}\n- *a\n",
        "sluice: v1\nsluice: v1\n",
        "sluice: v1\nrules:\n- ? on\n  : dup\n  deny: EIO\n",
      })
  void whatCannotBeKeptIsRefused(String text) {
    assertThatThrownBy(() -> format(text))
        .isInstanceOf(PolicyException.class)
        .hasMessage(
            "p.yaml:1:1: error: this is written in a way that cannot be brought into form; it was"
                + " left as it is");
  }

  @Test
  void whatIsNotYamlIsRefused() {
    assertThatThrownBy(() -> format("sluice: [v1"))
        .isInstanceOf(PolicyException.class)
        .hasMessageStartingWith("p.yaml:1:12: error: this is not YAML: ");
  }

  @Test
  void aPolicyOnOneLineStaysThere() throws PolicyException {
    String text = "{sluice: v1, rules: [{on: dup, deny: EIO}]}";

    assertThat(format(text)).isEqualTo(text);
  }

  static Stream<Path> shipped() throws IOException {
    try (var files = Files.list(Path.of("..", "policies"))) {
      return files.filter(file -> file.toString().endsWith(".yaml")).toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("shipped")
  void whatIsShippedSurvives(Path file) throws IOException, PolicyException {
    String once = format(Files.readString(file));

    assertThat(format(once)).isEqualTo(once);
  }

  @Test
  void theMeaningStaysWhateverTheFormWas() throws PolicyException {
    for (int seed = 0; seed < 1000; seed++) {
      String text = new RandomText(new Random(seed)).policy();
      String formatted = format(text);
      assertThat(format(formatted)).as("seed %d:%n%s", seed, text).isEqualTo(formatted);
      assertThat(meaning(formatted)).as("seed %d:%n%s", seed, text).isEqualTo(meaning(text));
      assertThat(formatted.lines().filter(line -> line.contains("#")).count())
          .as("comments, seed %d:%n%s", seed, text)
          .isEqualTo(text.lines().filter(line -> line.contains("#")).count());
    }
  }

  private static List<String> meaning(String text) {
    CompiledPolicy policy = Policies.compile(text);
    var meaning = new ArrayList<>(List.of(policy.filter().toString(), policy.policy().name()));
    policy
        .policy()
        .rules()
        .forEach(rule ->
            meaning.add(
                rule.name()
                    + rule.calls()
                    + rule.when().map(when -> when.expression()).orElse("")
                    + rule.action()));
    return meaning;
  }

  /// Policies as people write them.
  private record RandomText(Random random) {
    String policy() {
      var entries = new ArrayList<>(List.of(entry("sluice", "v1"), entry("name", "'n'"), rules()));
      if (random.nextBoolean()) {
        entries.add(entry("vars", "{a: '/a'}"));
        entries.add(entry("default", "{deny: EPERM}"));
      }
      Collections.shuffle(entries, random);
      return String.join("", entries);
    }

    private String entry(String key, String value) {
      return comment(0) + key + ":" + " ".repeat(1 + random.nextInt(3)) + value + inline() + "\n";
    }

    private String comment(int indent) {
      return switch (random.nextInt(6)) {
        case 0 -> " ".repeat(indent) + "# comment " + random.nextInt(100) + "\n";
        case 1 -> "\n";
        case 2 -> "\n\n" + " ".repeat(indent) + "#c\n";
        default -> "";
      };
    }

    private String inline() {
      return random.nextInt(4) == 0 ? "  # inline " + random.nextInt(100) : "";
    }

    private String rules() {
      int indent = random.nextInt(4);
      var text = new StringBuilder(comment(0) + "rules:" + inline() + "\n");
      for (int i = 0; i <= random.nextInt(4); i++) {
        text.append(comment(indent)).append(rule(indent));
      }
      return text.toString();
    }

    private String rule(int indent) {
      if (random.nextInt(3) == 0) {
        return " ".repeat(indent) + "- {on: [dup, 'dup2'],  deny: EIO}" + inline() + "\n";
      }
      int inner = indent + 2 + random.nextInt(3);
      String next = "\n" + " ".repeat(inner + 1 + random.nextInt(4));
      var keys =
          new ArrayList<>(
              List.of(
                  "name: r" + random.nextInt(9),
                  oneOf("on: \"@rename\"", "on: ['@rename']", "on: [rename," + next + "'@rename']"),
                  oneOf(
                      "when: 'path.under(\"/a\")'",
                      "when: path.under(\"/a\") ||" + next + "path.glob('**/#x')",
                      "when: >-" + next + "path.under(\"/a\") ||" + next + "path.under(\"/b\")",
                      "when: |" + next + "path.under(\"/a\")" + next + "  || path.under(\"/b\")"),
                  oneOf("deny: EIO", "return: -1", "ask: {timeout: 5s}", "kill: process"),
                  oneOf("audit: always", "audit: 'never'")));
      Collections.shuffle(keys, random);
      var text = new StringBuilder();
      for (int i = 0; i < keys.size(); i++) {
        boolean isBlock = keys.get(i).contains(">-") || keys.get(i).contains("|" + next);
        text.append(i == 0 ? "" : comment(inner))
            .append(i == 0 ? " ".repeat(indent) + "-" + " ".repeat(inner - indent - 1) : "")
            .append(i == 0 ? "" : " ".repeat(inner))
            .append(keys.get(i))
            .append(isBlock ? "" : inline())
            .append('\n');
      }
      return text.toString();
    }

    private String oneOf(String... texts) {
      return texts[random.nextInt(texts.length)];
    }
  }
}
