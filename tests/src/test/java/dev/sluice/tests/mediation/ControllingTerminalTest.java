package dev.sluice.tests.mediation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Sandbox;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// /dev/tty, opened by a supervisor that has a terminal, for programs in other sessions.
final class ControllingTerminalTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void aSessionWithoutTerminalIsNotGivenOurs() {
    assertThat(onATerminal("setsid -w sh -c ': </dev/tty' 2>/dev/null && echo ours || echo none"))
        .containsExactly("none");
  }

  @Test
  void aSessionWithATerminalOfItsOwnIsGivenThat() {
    List<String> lines =
        onATerminal("script -qec \"sh -c 'tty; tty </dev/tty'\" /dev/null </dev/null; tty");

    assertThat(lines).hasSize(3);
    assertThat(lines.get(1)).as("its own terminal").isEqualTo(lines.get(0));
    assertThat(lines.get(2)).as("the supervisor's").isNotEqualTo(lines.get(0));
  }

  @Test
  void theSessionOfTheSupervisorIsGivenItsTerminal() {
    assertThat(onATerminal("tty </dev/tty")).containsExactly("/dev/tty");
  }

  /// Runs a shell under a policy that looks at every path, with a terminal, and returns its output.
  private List<String> onATerminal(String script) {
    var policy = sandbox.lookAtEverything();
    var file = sandbox.file("script.sh", script + "\n");
    String run = "%s run --policy %s -- sh %s".formatted(Project.SCRIPT, policy, file);
    String out = sandbox.command("script", "-qec", run, "/dev/null").run().mustSucceed().out();
    // a terminal ends lines with \r\n, and one that prints to another with \r\r\n
    return out.lines().filter(line -> !line.isBlank()).toList();
  }
}
