package dev.sluice.tests.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// An agent that is ended by a signal, as every service is.
final class StopTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  private Path audit;

  @BeforeEach
  void setAudit() {
    audit = sandbox.path("audit.jsonl");
  }

  private Agent agent(String... options) {
    Path policy =
        sandbox.file(
            "policy.yaml",
            """
            sluice: v1
            rules:
              - { on: getppid, return: 4711, audit: always }
              - { on: "@open", when: 'path.glob("/nowhere/**")', deny: EACCES }
            """);
    var all = new ArrayList<>(List.of("--policy", policy.toString()));
    all.addAll(List.of("--audit", audit.toString(), "--audit-limit", "1G"));
    all.addAll(List.of(options));
    return Agent.start(sandbox, all.toArray(String[]::new));
  }

  @ParameterizedTest
  @CsvSource({"TERM, '', 143", "HUP, '', 129", "TERM, --keep, 0"})
  void itsRecordsAreWhole(String signal, String option, int status) throws IOException {
    try (Agent agent = option.isEmpty() ? agent() : agent(option)) {
      Running container = agent.container("one", "", "", "getppid");
      Agent.say(container, "many 1000 getppid");

      agent.process().signal(signal);

      assertThat(agent.process().awaitStatus()).isEqualTo(status);
    }
    assertThat(Files.readAllLines(audit).stream().filter(line -> line.contains("getppid")))
        .hasSize(1000);
    sandbox.sluice("log", "verify", audit.toString()).run().mustSucceed();
  }

  /// The call that waits is the next agent's.
  @Test
  void withAKeeperTheContainersDoNotNotice() throws IOException {
    sandbox.shell("mkfifo fifo").run().mustSucceed();
    try (Agent agent = agent("--keep")) {
      Running container = agent.container("one", "", "", "getppid,openat");
      assertThat(Agent.say(container, "getppid")).isEqualTo("4711");
      container.type("later openat -100 fifo 0\n");
      agent
          .process()
          .await(
              "a call that waits",
              () -> agent.command("ps").run().out().matches("(?s).* supervised +\\d+ +1 .*"));

      agent.process().signal("HUP");

      agent.process().awaitError("the agent ended (status 143) and is started again");
      assertThat(Agent.say(container, "getppid")).isEqualTo("4711");
      try (var _ = Files.newByteChannel(sandbox.path("fifo"), StandardOpenOption.WRITE)) {
        container.await("the open", () -> container.out().matches("(?s).*openat \\d+\n"));
      }
      agent.process().signal("TERM");
      assertThat(agent.process().awaitStatus()).isZero();
    }
    Run verified = sandbox.sluice("log", "verify", audit.toString()).run().mustSucceed();
    assertThat(verified.out()).isNotEmpty();
  }
}
