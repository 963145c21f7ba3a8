package dev.sluice.tests.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.agent.control.ControlClient;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// An agent is killed, and the next is of another build: `src/test/python/rewrite_journals.py`
/// rewrites the journal between the two. Two calls wait meanwhile. An open of a FIFO has changed
/// nothing; a connect to a socket whose queue is full may have.
final class JournalVersionsTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  private final List<SocketChannel> queued = new ArrayList<>();
  private ServerSocketChannel server;

  @BeforeEach
  void makeWhatCallsWaitFor() throws IOException {
    sandbox.shell("mkfifo fifo").run().mustSucceed();
    var address = UnixDomainSocketAddress.of(sandbox.path("full"));
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address, 1);
    for (int i = 0; i < 2; i++) { // one more than the queue is said to have room for
      queued.add(SocketChannel.open(address));
    }
  }

  @AfterEach
  void close() throws IOException {
    for (SocketChannel each : queued) {
      each.close();
    }
    server.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"same", "layout"})
  void whatIsOfOurVersionGoesOn(String how) throws IOException {
    try (Running keeper = keeper(how)) {
      Running container = killedWhileCallsWait(keeper);

      var _ = server.accept();
      container.awaitOutput("connect 0\n");
      var _ = server.accept();
      open(container);
      assertThat(recovered()).contains(count("repeated", 2), count("failed", 0));
      end(keeper, container);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"older", "newer"})
  void whatMayHaveChangedSomethingFailsAndAllElseIsDecidedAgain(String how) throws IOException {
    try (Running keeper = keeper(how)) {
      Running container = killedWhileCallsWait(keeper);

      container.awaitOutput("connect EIO\n");
      open(container);
      assertThat(recovered()).contains(count("repeated", 1), count("failed", 1));
      for (int i = 0; i < 2; i++) {
        var _ = server.accept();
      }
      server.configureBlocking(false);
      assertThat(server.accept()).isNull(); // nobody has connected
      assertThat(Agent.say(container, "getppid")).isEqualTo("4711");
      end(keeper, container);
    }
  }

  @Test
  void whatCannotBeReadEndsTheSupervision() {
    try (Running keeper = keeper("garbage")) {
      Running container = killedWhileCallsWait(keeper);

      keeper.awaitError("container made-up is not supervised");
      container.awaitOutput("connect ENOSYS\n").awaitOutput("openat ENOSYS\n");
      assertThat(Agent.say(container, "getppid")).isEqualTo("ENOSYS");
      container.closeInput();
      assertThat(container.awaitStatus()).isZero();
    }
  }

  private Running keeper(String how) {
    Path policy =
        sandbox.policy(
            """
            - {on: "@open", when: 'path.glob("/nowhere/**")', deny: EACCES}
            - {on: "@connect", when: 'address.in("127.0.0.2")', deny: EACCES}
            - {on: getppid, return: 4711}
            """);
    String state = sandbox.path("state").toString();
    var words = new ArrayList<String>();
    words.add(Project.ROOT.resolve("native/target/bin/sluice-keeper").toString());
    words.add(socket());
    words.addAll(Project.python("rewrite_journals"));
    words.addAll(List.of(state, how));
    words.addAll(
        sandbox
            .sluice("agent", "--policy", policy.toString(), "--socket", socket(), "--state", state)
            .words());
    return sandbox.command(words).start().awaitError("listening at");
  }

  private String socket() {
    return sandbox.path("agent.sock").toString();
  }

  private Running killedWhileCallsWait(Running keeper) {
    var words = new ArrayList<>(Project.python("made_up_container"));
    words.addAll(List.of(socket(), "{\"state\": {\"id\": \"made-up\"}}", "getppid,openat,connect"));
    Running container = sandbox.command(words).start().awaitOutput("handed over\n");
    container.type("later openat -100 fifo 0\nlater connect full\n");
    container.await("two calls that wait", () -> pending().equals("2"));

    Running.signal("KILL", keeper.supervisorPid());
    keeper.awaitError("rewritten");
    keeper.await("the next agent", () -> keeper.err().split("listening at", -1).length == 3);
    return container;
  }

  private String pending() {
    String control = sandbox.path("control.sock").toString();
    List<String> lines = sandbox.sluice("ps", "--control", control).run().lines();
    return lines.size() == 2 ? lines.get(1).split(" +", -1)[7] : "";
  }

  private String recovered() throws IOException {
    return new ControlClient(sandbox.path("control.sock")).get("/metrics").body();
  }

  private static String count(String outcome, int calls) {
    return "sluice_recovered_calls_total{container=\"made-up\",outcome=\"%s\"} %d.0\n"
        .formatted(outcome, calls);
  }

  /// The open ends when the FIFO has a writer.
  private void open(Running container) throws IOException {
    assertThat(container.out()).doesNotContain("openat");
    try (var _ = Files.newByteChannel(sandbox.path("fifo"), StandardOpenOption.WRITE)) {
      container.await("the open", () -> container.out().matches("(?s).*openat \\d+\n.*"));
    }
  }

  private static void end(Running keeper, Running container) {
    container.closeInput();
    assertThat(container.awaitStatus()).isZero();
    keeper.signal("TERM");
    assertThat(keeper.awaitStatus()).isZero();
  }
}
