package dev.sluice.tests.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.agent.control.ControlClient;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// `sluice agent --keep` is killed while its containers make calls that must be made once, and they
/// do not notice. `tests/soak/run restarts` kills it more often.
@NeedsRoot
final class RestartsTest {
  private static final int KILLS = 10;
  private static final String ENDED = "the agent ended (signal 9)";

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void containersDoNotNoticeThatTheAgentIsKilled() throws IOException {
    Path socket = sandbox.path("agent.sock");
    try (Running keeper = agent(socket).awaitError("listening at " + socket)) {
      List<Running> containers = new ArrayList<>();
      for (String who : List.of("ours", "theirs", "theirs")) {
        String name = "container-" + containers.size();
        containers.add(
            sandbox
                .program("restarts", socket.toString(), directory(), name, who)
                .start()
                .awaitOutput("going"));
      }

      for (int i = 1; i <= KILLS; i++) {
        int starts = i + 1;
        Running.signal("KILL", child(keeper));
        keeper.await("a new agent", () -> count(keeper.err(), "listening at") == starts);
      }
      containers.forEach(Running::closeInput);

      for (Running container : containers) {
        var run = container.finish();
        assertThat(run.out()).as(run.err()).endsWith(" failed=0 doubled=0 lost=0\n");
      }
      assertThat(count(keeper.err(), ENDED)).isEqualTo(KILLS);
      // what was kept for them goes with them
      keeper.await("the end of what was kept", () -> kept(socket).isEmpty());
      keeper.signal("TERM");
      assertThat(keeper.awaitStatus()).isZero();
    }
  }

  /// A counter never goes down while its container is there.
  @Test
  void whatWasTakenUpIsCountedWhenItsExecHasEnded() throws IOException {
    sandbox.shell("mkfifo fifo").run().mustSucceed();
    Path policy = sandbox.policy("- { on: '@open', when: 'path.glob(\"/no/**\")', deny: EACCES }");
    try (Agent agent = Agent.start(sandbox, "--keep", "--policy", policy.toString());
        Running _ = agent.container("both", "", "", "openat");
        Running exec = agent.container("both", "", "", "openat")) {
      exec.type("later openat -100 fifo 0\n");
      agent.awaitPending(1);
      agent.killAgent();
      assertThat(repeated(agent)).isEqualTo("1.0");
      try (var _ = Files.newByteChannel(sandbox.path("fifo"), StandardOpenOption.WRITE)) {
        exec.awaitOutput("openat ");
      }

      exec.closeInput();

      agent.process().awaitError("container both: its last process has ended");
      assertThat(repeated(agent)).isEqualTo("1.0");
    }
  }

  private static String repeated(Agent agent) throws IOException {
    String metric = "sluice_recovered_calls_total{container=\"both\",outcome=\"repeated\"} ";
    String page = new ControlClient(agent.control()).get("/metrics").body();
    return page.lines()
        .filter(line -> line.startsWith(metric))
        .findFirst()
        .orElseThrow()
        .substring(metric.length());
  }

  private Running agent(Path socket) {
    Path policy =
        sandbox.policy(
            """
            - {on: ["@open", "@modify"], when: 'path.glob("/nowhere/**")', deny: EACCES}
            - {on: "@connect", when: 'address.in("127.0.0.2")', deny: EACCES}
            - {on: mount, when: 'target.under("/nowhere")', deny: EACCES}
            """);
    return sandbox
        .sluice("agent", "--keep", "--policy", policy.toString(), "--socket", socket.toString())
        .start();
  }

  private String directory() {
    return sandbox.directory("work").toString();
  }

  private static long child(Running keeper) {
    return ProcessHandle.of(keeper.pid()).orElseThrow().children().findFirst().orElseThrow().pid();
  }

  private static int count(String text, String part) {
    return text.split(part.replaceAll("[()]", "\\\\$0"), -1).length - 1;
  }

  private static List<Path> kept(Path socket) {
    try (var files = Files.list(Path.of(socket + ".state"))) {
      return files.filter(file -> !file.endsWith("session")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
