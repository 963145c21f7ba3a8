package dev.sluice.tests.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// An agent that its keeper has started again, has taken its listeners back, and cannot start after
/// all.
final class FailedStartTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  /// Until one can, whose containers they are then.
  @Test
  void containersWaitForAnAgentThatCanStart() throws IOException {
    Path policy = sandbox.policy("- { on: getppid, return: 4711 }");
    Path lxc = sandbox.path("lxc.sock");
    try (Agent agent =
        Agent.start(sandbox, "--keep", "--policy", policy.toString(), "--lxc", lxc.toString())) {
      Running container = agent.container("a", "", "", "getppid");
      assertThat(Agent.say(container, "getppid")).isEqualTo("4711");
      Files.delete(lxc);
      sandbox.file("lxc.sock", "no socket any more");
      Running.signal("KILL", agent.process().supervisorPid());
      agent.process().awaitError("sluice: --lxc: bind \"" + lxc + "\": EADDRINUSE");
      agent.process().awaitError("the agent ended (status 2) and is started again");
      container.type("getppid\n");

      Files.delete(lxc);

      container.awaitOutput("4711\n4711\n");
      assertThat(Agent.say(container, "getppid")).isEqualTo("4711");
      container.closeInput();
      agent.process().awaitError("container a: its last process has ended");
    }
  }
}
