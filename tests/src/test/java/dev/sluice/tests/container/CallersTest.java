package dev.sluice.tests.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.NeedsI386;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Calls with memory and lengths that are none (C21, C23), and of other ABIs (C70): root of a
/// container learns of them what the machine's root does. The cases are in `src/test/c/hostile.c`
/// and `narrow.c`.
@NeedsRoot
final class CallersTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void memoryThatEndsTooEarlyAndWrongLengthsAreFoundAsByTheKernel() throws IOException {
    isTheSameAsForTheMachinesRoot("hostile");
  }

  @Test
  @NeedsI386
  void callsOfI386AreEmulatedToo() throws IOException {
    isTheSameAsForTheMachinesRoot("narrow");
  }

  private void isTheSameAsForTheMachinesRoot(String program) throws IOException {
    String path = Project.program(program);
    // a tmpfs too, as the container's /tmp is
    String natively = "mount -t tmpfs none \"$0\" && cd \"$0\" && exec \"$1\"";
    String place = sandbox.directory("place").toString();
    Run expected = sandbox.command("unshare", "--mount", "sh", "-c", natively, place, path).run();
    Run run = sandbox.container("sh", "-c", "cd /tmp && exec " + path).under(policy()).run();

    assertThat(expected.mustSucceed().lines()).hasSizeGreaterThan(30);
    assertThat(run.mustSucceed().out()).isEqualTo(expected.out());
  }

  private Path policy() throws IOException {
    String rules = Files.readString(Project.policy("unprivileged-container"));
    String more =
        """
          - { name: sysinfo, on: sysinfo, emulate: sysinfo }
          - name: real-time
            on: [sched_setscheduler, sched_setparam]
            emulate: { handler: scheduler, priority: 10 }
        """;
    return sandbox.file("both.yaml", rules + more + "architectures: [x86_64, i386]\n");
  }
}
