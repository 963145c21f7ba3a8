package dev.sluice.tests.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The audit log of an agent outlives the agent, and is its own while it runs.
final class AgentLogTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  private Agent agent(Path log, String... more) {
    Path policy = sandbox.policy("- { name: parent, on: getppid, return: 4711 }");
    var options = new ArrayList<>(List.of(more));
    options.addAll(List.of("--policy", policy.toString(), "--audit", log.toString()));
    return Agent.start(sandbox, options.toArray(String[]::new));
  }

  private static long calls(Path log) {
    try (Stream<String> lines = Files.lines(log)) {
      return lines.filter(line -> line.startsWith("{\"type\":\"call\"")).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void anAgentThatIsKilledAndStartedAgainAddsToItsLog() {
    Path log = sandbox.path("log.jsonl");
    try (Agent agent = agent(log, "--keep")) {
      Running container = agent.container("one", "", "", "getppid");
      assertThat(Agent.say(container, "getppid")).isEqualTo("4711");
      agent.process().await("a record", () -> calls(log) == 1);

      agent.killAgent();

      assertThat(Agent.say(container, "getppid")).isEqualTo("4711");
      agent.process().await("another record", () -> calls(log) == 2);
    }
    Run verify = sandbox.sluice("log", "verify", log.toString()).run();
    assertThat(verify.lines())
        .satisfiesExactly(
            line -> assertThat(line).contains("log.jsonl:2: session "),
            line -> assertThat(line).contains("log.jsonl:4: session "),
            line -> assertThat(line).contains(": 1 record, hash "),
            line -> assertThat(line).contains(": 1 record, hash "));
  }

  @Test
  void nobodyElseWritesToItMeanwhile() throws IOException {
    Path log = sandbox.path("log.jsonl");
    String[] run = {
      "run",
      "--policy",
      Project.policy("audit-open").toString(),
      "--audit",
      log.toString(),
      "--",
      "touch",
      "made"
    };
    try (Agent agent = agent(log)) {
      Run refused = sandbox.sluice(run).run();

      assertThat(refused.status()).isEqualTo(2);
      assertThat(refused.err())
          .isEqualTo(
              "sluice: --audit: \""
                  + log
                  + "\" cannot be written: another supervisor writes to it\n");
      assertThat(sandbox.path("made")).doesNotExist();
      agent.command("drain").run().mustSucceed();
      agent.process().awaitStatus();
    }
    sandbox.sluice("log", "verify", log.toString()).run().mustSucceed();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(log)))
        .isEqualTo("rw-------");
    sandbox.sluice(run).run().mustSucceed();
  }
}
