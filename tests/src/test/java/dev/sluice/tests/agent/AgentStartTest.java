package dev.sluice.tests.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What an agent does not start with.
final class AgentStartTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  private Path policy;

  @BeforeEach
  void makePolicy() {
    policy = sandbox.policy("- { on: getppid, return: 4711 }");
  }

  @Test
  void nothingButASocketIsReplaced() {
    Path file = sandbox.file("precious", "content");

    Run run =
        sandbox
            .sluice(
                "agent",
                "--policy",
                policy.toString(),
                "--socket",
                sandbox.path("other.sock").toString(),
                "--control",
                file.toString())
            .run();

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err())
        .isEqualTo("sluice: the control API cannot be served: bind \"" + file + "\": EADDRINUSE\n");
    assertThat(file).hasContent("content");
  }

  /// The first serves on.
  @Test
  void aSocketInUseIsNotTaken() {
    try (Agent first = Agent.start(sandbox, "--policy", policy.toString())) {
      Path control = first.control();
      assertRefused("other.sock", "control.sock", "the control API cannot be served", control);
      assertRefused("agent.sock", "other.sock", "--socket", first.socket());

      Running next = first.container("next", "", "", "getppid");
      assertThat(first.command("ps").run().mustSucceed().lines()).hasSize(2);
      assertThat(Agent.say(next, "getppid")).isEqualTo("4711");
    }
  }

  private void assertRefused(String socket, String control, String what, Path used) {
    Run run =
        sandbox
            .sluice(
                "agent",
                "--policy",
                policy.toString(),
                "--socket",
                sandbox.path(socket).toString(),
                "--control",
                sandbox.path(control).toString())
            .run();

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err())
        .isEqualTo(
            "sluice: "
                + what
                + ": bind \""
                + used
                + "\": EADDRINUSE: somebody is there, such as another agent\n");
  }

  /// Nobody would keep what is to be kept there.
  @Test
  void aStateDirectoryNeedsAKeeper() {
    String state = sandbox.path("state").toString();
    Run run = sandbox.sluice("agent", "--policy", policy.toString(), "--state", state).run();

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err())
        .isEqualTo("sluice: --state is for --keep and systemd: nobody keeps listeners here\n");
  }
}
