package dev.sluice.tests.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Where seccomp(2) is missing, as before Linux 3.17: an outer policy makes it so.
final class OldKernelTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  private Run withoutSeccomp(String rule, String script) {
    Path outer = sandbox.policy("- {name: old, on: seccomp, deny: ENOSYS}");
    Path inner = sandbox.policy(rule);
    return sandbox
        .command(
            Project.SCRIPT.toString(),
            "run",
            "--policy",
            inner.toString(),
            "--",
            "sh",
            "-c",
            script)
        .under(outer)
        .run();
  }

  @Test
  void aPolicyWithoutNotificationsIsInstalledByPrctl() {
    Run run =
        withoutSeccomp(
            "- {name: a, on: [mkdir, mkdirat], deny: EROFS}",
            "mkdir made; grep Seccomp_filters /proc/self/status");

    assertThat(run.err()).startsWith("mkdir: ").endsWith(": Read-only file system\n");
    assertThat(run.out()).isEqualTo("Seccomp_filters:\t2\n");
    assertThat(run.status()).isZero();
    assertThat(sandbox.path("made")).doesNotExist();
  }

  @Test
  void aPolicyWithNotificationsIsNot() {
    Run run =
        withoutSeccomp(
            "- {name: a, on: '@open', deny: EACCES, when: path.under(\"/nowhere\")}", "touch made");

    assertThat(run.err())
        .isEqualTo(
            "sluice: this kernel has no seccomp user notification (ENOSYS); Linux 5.14 or later is"
                + " needed\n");
    assertThat(run.status()).isEqualTo(125);
    assertThat(sandbox.path("made")).doesNotExist();
  }
}
