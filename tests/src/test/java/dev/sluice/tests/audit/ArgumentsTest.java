package dev.sluice.tests.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Entry;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What records show of programs' arguments and environment: what their policy asks for.
final class ArgumentsTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  /// The records of a program that tries to execute /nowhere twice, and then executes true(1),
  /// which is denied by its path and so decided by a worker.
  private Run run(String arguments) {
    String policy =
        """
        sluice: v1
        name: test
        audit: { arguments: [%s] }
        rules:
          - { name: no-true, on: "@exec", when: path.glob("/**/true"), deny: EACCES }
          - { name: programs, on: "@exec", allow: , audit: always }
        """
            .formatted(arguments);
    return sandbox.program("vectors").under(sandbox.file("p.yaml", policy)).run();
  }

  /// Those that found no program.
  private static List<Entry> missing(Run run) {
    return run.records().stream().filter(each -> each.text("errno").equals("ENOENT")).toList();
  }

  private static Map<?, ?> arguments(Entry record) {
    return (Map<?, ?>) record.fields().get("arguments");
  }

  @Test
  void argumentsAreThereExactlyAndCutWhereThereAreTooMany() {
    Run run = run("argv");
    List<Entry> missing = missing(run);
    Map<?, ?> large = arguments(missing.get(0));
    assertThat(large.get("argv_cut")).isEqualTo(true);
    assertThat((List<?>) large.get("argv"))
        .hasSize(2)
        .last()
        .asString()
        .hasSize(8192 - "true".length() - 1)
        .matches("z+");
    assertThat(arguments(missing.get(1)).get("argv")).isEqualTo(List.of());

    Map<?, ?> denied = arguments(run.recordsOf("no-true").getFirst());
    assertThat(denied.get("argv"))
        .isEqualTo(List.of("true", "", "a b", "\n\u001b[2J\\", "\ufffd\ufffd"));
    assertThat(denied.get("argv_hex"))
        .isEqualTo(List.of("74727565", "", "612062", "0a1b5b324a5c", "fffe"));
    assertThat(denied.get("envp")).isInstanceOf(Number.class);
  }

  @Test
  void theEnvironmentIsThereIfItIsAskedFor() {
    Run run = run("argv, env");
    assertThat(arguments(run.recordsOf("no-true").getFirst()).get("envp"))
        .isEqualTo(List.of("SECRET=s3cret"));
    assertThat(arguments(missing(run).get(1)).get("envp")).isEqualTo(8);
    String audit = run.audit().orElseThrow().toString();
    sandbox.awaitNoProcess();
    assertThat(sandbox.sluice("log", "--action", "deny", audit).run().mustSucceed().out())
        .contains(
            "[\"true\", \"\", \"a b\", \"\\n\\x1b[2J\\\\\", \"\\xff\\xfe\"], [\"SECRET=s3cret\"])");
    assertThat(sandbox.sluice("log", "verify", audit).run().status()).isZero();
  }

  @Test
  void nothingIsThereThatNobodyAskedFor() {
    Run run = run("data");
    assertThat(arguments(run.recordsOf("no-true").getFirst()).get("argv"))
        .isInstanceOf(Number.class);
    assertThat(run.records().toString()).doesNotContain("s3cret");
  }
}
