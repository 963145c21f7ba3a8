package dev.sluice.tests.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `sluice policy check` and `sluice policy compile`.
final class PolicyCommandTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void theFilterIsWhatTheCheckCounted() {
    Path policy =
        sandbox.policy(
            "- {on: getppid, deny: ENOSYS}", "- {on: \"@open\", allow: , audit: always}");

    Run check = sandbox.sluice("policy", "check", policy.toString()).run().mustSucceed();
    Run compile = sandbox.sluice("policy", "compile", policy.toString()).run().mustSucceed();

    assertThat(check.out())
        .isEqualTo(
            "%s: 2 rules, a filter of %d instructions%n".formatted(policy, compile.lines().size()));
    assertThat(compile.lines())
        .allMatch(line -> line.matches("\\d{4}: (ld|and|j\\w+|ret) .+"))
        .anyMatch(line -> line.endsWith("ret errno ENOSYS"))
        .anyMatch(line -> line.endsWith("ret notify"))
        .anyMatch(line -> line.endsWith("ret allow"));
  }

  @Test
  void aPolicyWithoutASupervisorIsSaidToBeOne() {
    Path policy = sandbox.policy("- {on: getppid, deny: ENOSYS}");

    assertThat(sandbox.sluice("policy", "check", policy.toString()).run().mustSucceed().out())
        .startsWith(policy + ": 1 rule, a filter of ")
        .endsWith(" instructions, no supervisor needed\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "policy | sluice: missing required subcommand; see 'sluice policy --help'",
        "policy check | sluice: missing required parameter: 'FILE'; see 'sluice policy check"
            + " --help'",
        "policy compile none.yaml | none.yaml:1:1: error: there is no such file",
      })
  void whatIsMissingIsNamed(String words, String line) {
    Run run = sandbox.sluice(words.split(" ")).run();

    assertThat(run.err()).isEqualTo(line + "\n");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
  }
}
