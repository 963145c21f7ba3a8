package dev.sluice.tests.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import dev.sluice.tests.harness.User;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// `sluice demo`, the first thing a newcomer runs.
final class DemoTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  @NeedsRoot
  void allPartsAreShown() {
    Run run = sandbox.sluice("demo").environment("TMPDIR", place()).run();

    check(run);
    assertThat(run.out())
        .contains("unshare -Urm ./mount-it")
        .contains(" ext4 ro,nosuid,nodev")
        .contains("exit status 1")
        .contains("exit status 0");
  }

  @Test
  @NeedsRoot
  void anOrdinaryUserIsToldWhatNeedsRoot() {
    Run run =
        sandbox
            .sluice("demo")
            .as(User.ORDINARY)
            .environment("TMPDIR", place())
            .environment("HOME", place())
            .run();

    check(run);
    assertThat(run.out()).contains("This part needs root");
  }

  private String place() {
    return sandbox.directory("place").toString();
  }

  private void check(Run run) {
    assertThat(run.status()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .containsSubsequence(
            "1. Opens are mediated",
            "    hello",
            // what cat says of it may be cut in two by that
            "/project/.env: EACCES by rule 'secrets-stay-secret'",
            "/project/.env: EACCES by rule 'secrets-stay-secret'",
            "/project/.env: EACCES by rule 'secrets-stay-secret'",
            "/project/.env: EACCES by rule 'secrets-get-no-other-name'",
            "2. A call that is blocked is emulated",
            "exit status 0",
            "3. Mounts are mediated",
            "4. Everything is on record",
            "\"syscall\":\"openat\"",
            "Next")
        .doesNotContain("hunter2")
        .doesNotContain("ENOSYS");
    assertThat(sandbox.path("place")).isEmptyDirectory();
  }
}
