package dev.sluice.tests.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// O_NONBLOCK of a socket, which is its program's to change while the supervisor connects it.
final class ChangedFlagsTest {
  private static final String POLICY =
      """
      - { on: "@connect", when: 'address.path == "@forbidden"', deny: EACCES }
      - { on: "@open", when: 'path.under("/nowhere")', deny: EACCES }
      """;

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void aConnectThatWaitsNeverthelessHoldsUpNobody() {
    Run run = sandbox.command(Project.program("flips"), "12").under(sandbox.policy(POLICY)).run();

    assertThat(run.out()).as("%s", run).matches("connects \\d+, waited 12, held up 0\n");
  }
}
