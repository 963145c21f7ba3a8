package dev.sluice.tests.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Each subcommand of `sluice policy`, on each policy that is shipped.
final class EveryPolicyTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  private static List<Path> policies() throws IOException {
    try (Stream<Path> files = Files.list(Project.ROOT.resolve("policies"))) {
      return files
          .filter(file -> file.toString().endsWith(".yaml"))
          .filter(file -> !file.toString().endsWith(".test.yaml"))
          .sorted()
          .toList();
    }
  }

  /// `sluice policy` with these words and all policies.
  private Run all(String... words) throws IOException {
    var command = new ArrayList<>(List.of("policy"));
    command.addAll(List.of(words));
    policies().forEach(policy -> command.add(policy.toString()));
    return sandbox.sluice(command.toArray(String[]::new)).run();
  }

  @Test
  void isUsableInFormAndTested() throws IOException {
    List<Path> policies = policies();

    assertThat(all("check").mustSucceed().out())
        .contains(policies.stream().map(policy -> policy + ": ").toList());
    assertThat(all("fmt", "--check").mustSucceed().out()).isEmpty();
    assertThat(policies)
        .allMatch(
            policy -> Files.exists(Path.of(policy.toString().replace(".yaml", ".test.yaml"))));
    assertThat(
            sandbox
                .sluice("policy", "test", Project.ROOT.resolve("policies").toString())
                .run()
                .mustSucceed()
                .out())
        .endsWith(", all passed\n");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("policies")
  void isCompiledExplainedAndCompared(Path policy) throws IOException {
    String script =
        """
        for format in asm bpf c oci; do
          "$0" policy compile "$1" --format $format >$format 2>$format.err; echo $format $?
        done
        "$0" policy explain "$1" getpid >explain; echo explain $?
        "$0" policy diff "$1" "$1"; echo diff $?
        """;
    Run run =
        sandbox
            .command("sh", "-c", script, Project.SCRIPT.toString(), policy.toString())
            .run()
            .mustSucceed();

    assertThat(run.err()).isEmpty();
    int instructions = Files.readAllLines(sandbox.path("asm")).size();
    assertThat(sandbox.path("bpf")).hasSize(8L * instructions);
    assertThat(Files.readString(sandbox.path("c")))
        .contains("struct sock_filter sluice_filter[] = {\n", "sluice_prog");
    assertThat(Files.readString(sandbox.path("explain")))
        .startsWith("getpid()\n  verdict: ")
        .contains("\n  tier: ", "\n  class: ");
    List<String> lines = run.lines();
    assertThat(lines).contains("asm 0", "bpf 0", "c 0", "explain 0", "diff 0").hasSize(6);
    if (lines.contains("oci 0")) {
      assertThat(Files.readString(sandbox.path("oci"))).startsWith("{").endsWith("}\n");
    } else {
      assertThat(lines).contains("oci 2");
      assertThat(sandbox.path("oci")).isEmptyFile();
      assertThat(Files.readAllLines(sandbox.path("oci.err")))
          .isNotEmpty()
          .allMatch(line -> line.startsWith(policy + ":"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"asm", "bpf", "c", "oci"})
  void whatIsNoPolicyIsCompiledToNothing(String format) {
    sandbox.file("wrong.yaml", "sluice: v1\nrules:\n  - {on: dpu, deny: EIO}\n");

    Run run =
        sandbox
            .sluice("policy", "compile", "wrong.yaml", "--format", format, "--output", "filter")
            .run();

    assertThat(run.err())
        .isEqualTo("wrong.yaml:3:10: error: unknown system call 'dpu'; did you mean 'dup'?\n");
    assertThat(run.out()).isEmpty();
    assertThat(run.status()).isEqualTo(2);
    assertThat(sandbox.path("filter")).doesNotExist();
  }

  @Test
  void aFormatThatThereIsNotIsNamed() {
    String policy = Project.policy("strict").toString();

    Run run = sandbox.sluice("policy", "compile", policy, "--format", "elf").run();

    assertThat(run.err())
        .isEqualTo(
            "sluice: invalid value for option '--format': expected one of [asm, bpf, c, oci, lxc]"
                + " (case-sensitive) but was 'elf'; see 'sluice policy compile --help'\n");
    assertThat(run.status()).isEqualTo(2);
  }
}
