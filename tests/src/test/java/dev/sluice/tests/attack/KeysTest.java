package dev.sluice.tests.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import dev.sluice.tests.harness.User;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The filter lets the execve pass that starts the command, and no other: a command that may
/// execute nothing looks for what makes the difference. The attack is `src/test/c/keys.c`.
final class KeysTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  private Command attack() {
    return sandbox
        .program("keys", "/bin/true")
        .under(
            sandbox.policy(
                "- { on: \"@exec\", deny: EACCES }",
                "- { on: \"@open\", when: 'path.glob(\"/nowhere/**\")', deny: EACCES }"));
  }

  @Test
  @NeedsRoot
  void aCommandHasNoHoldOnThoseAboveItOfTheSameUser() {
    Run run = attack().supervisedAs(User.ORDINARY).run();

    assertThat(run.lines())
        .startsWith(
            "supervisor: maps EACCES, mem EACCES, trace EPERM",
            "sluice-run: maps EACCES, mem EACCES, trace EPERM");
    assertThat(Counts.of(run).of("wins")).isZero();
  }

  /// Root may read it, and finds nothing.
  @Test
  @NeedsRoot
  void whoTheUserSeesHasForgottenTheKey() {
    Run run = attack().run();

    assertThat(run.out()).contains("sluice-run: maps 0, mem 0, trace 0");
    Counts counts = Counts.of(run);
    assertThat(counts.of("attempts")).isGreaterThan(10_000);
    assertThat(counts.of("wins")).isZero();
  }
}
