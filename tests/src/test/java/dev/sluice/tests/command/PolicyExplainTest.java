package dev.sluice.tests.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `sluice policy explain`.
final class PolicyExplainTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  private Run explain(Path policy, String words) {
    var arguments = new ArrayList<>(List.of("policy", "explain", policy.toString()));
    arguments.addAll(List.of(words.split(" ")));
    return sandbox.sluice(arguments.toArray(String[]::new)).run();
  }

  @Test
  void aCallIsExplainedInBothTiers() {
    Path policy = sandbox.secret(Path.of("/secret"));

    assertThat(explain(policy, "openat AT_FDCWD /secret/key O_RDONLY").mustSucceed().lines())
        .satisfiesExactly(
            line ->
                assertThat(line)
                    .isEqualTo("openat(dirfd=AT_FDCWD, pathname=/secret/key, flags=O_RDONLY)"),
            line -> assertThat(line).isEqualTo("  verdict: deny EACCES"),
            line -> assertThat(line).isEqualTo("  rule: secret (" + policy + ":4:5)"),
            line ->
                assertThat(line)
                    .matches(
                        "  tier: supervisor: the filter returns notify after \\d+ instructions"),
            line ->
                assertThat(line)
                    .isEqualTo(
                        "  class: EMULATED: done, or refused, on copies and on objects that are"
                            + " held"),
            line ->
                assertThat(line)
                    .isEqualTo(
                        "  applied: 'secret' ("
                            + policy
                            + ":4:5): path.under(\"/secret\") holds, as path is \"/secret/key\""));
    assertThat(explain(policy, "getpid").mustSucceed().out())
        .contains("  verdict: allow\n", "  tier: kernel: the filter returns allow after ");
  }

  @Test
  void numbersMayBeNegativeAndOptionsStandAnywhere() {
    Path policy = sandbox.policy("- {on: close, when: fd == -1 && task.uid == 5, deny: EBADF}");

    assertThat(explain(policy, "close -1 --task uid=5,gid=5").mustSucceed().out())
        .contains("  verdict: deny EBADF\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "openat | the verdict depends on path, which was not said: add path=VALUE",
        "openat AT_FDCWD x | the verdict depends on task.cwd, which was not said: add --task"
            + " cwd=VALUE",
        "openat 5 x | 'x' is relative to descriptor 5, and where that is was not said: give an"
            + " absolute path",
        "opnat | there is no system call 'opnat' on x86_64; did you mean 'openat'?",
        "openat --task uid | --task takes NAME=VALUE, such as uid=1000, not 'uid'",
        "openat --arch x | unknown architecture 'x'; known are x86_64, i386, aarch64",
        "openat --tsk uid=1 | unknown option '--tsk', did you mean '--task'?; see 'sluice policy"
            + " explain --help'",
      })
  void whatIsMissingOrWrongIsSaid(String words, String message) {
    Run run = explain(sandbox.secret(Path.of("/secret")), words);

    assertThat(run.err()).isEqualTo("sluice: " + message + "\n");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
  }
}
