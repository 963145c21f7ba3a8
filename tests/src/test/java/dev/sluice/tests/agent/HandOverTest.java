package dev.sluice.tests.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `sluice agent`, and clients of all kinds: those that hand a listener over in their own way, and
/// those that do not. They are in `src/test/python/hand_over.py`.
final class HandOverTest {
  private static final String RULE =
      "- {on: getppid, when: 'container.id == \"made-up\"', return: 4711, audit: always}";

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  private Running agent;
  private Path socket;
  private Path audit;

  @BeforeEach
  void start() {
    launch();
    agent.awaitError("listening at " + socket);
  }

  private void launch() {
    socket = sandbox.path("agent.sock");
    audit = sandbox.path("audit.jsonl");
    agent =
        sandbox
            .command(
                Project.SCRIPT.toString(),
                "agent",
                "--policy",
                sandbox.policy(RULE).toString(),
                "--socket",
                socket.toString(),
                "--audit",
                audit.toString())
            .environment("XDG_RUNTIME_DIR", sandbox.directory("run").toString())
            .start();
  }

  @AfterEach
  void end() {
    agent.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"pieces", "late", "pretty", "big", "null"})
  void aListenerIsServedHoweverItComes(String how) throws IOException {
    assertThat(handOver(how).run().mustSucceed().out()).isEqualTo("4711\n");
    agent.await("a record", () -> !records().isEmpty());
    assertThat(records()).allMatch(record -> record.contains("\"container\":\"made-up\""));
  }

  /// A wait that has a limit is not gone on with after a stop (signal(7)).
  @Test
  void anAgentThatIsStoppedMeanwhileServesIt() {
    Running container = handOver("halves").start().awaitOutput("half\n");
    agent.stop();
    agent.signal("CONT");
    container.type("\n");

    assertThat(container.finish().mustSucceed().out()).isEqualTo("half\n4711\n");
  }

  private List<String> records() {
    try {
      return Files.readAllLines(audit).stream()
          .filter(line -> line.startsWith("{\"type\":\"call\""))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "garbage | the state is no JSON object",
        "mixed | the state's 'fds' is not what the OCI says",
        "listed | the state's 'metadata' is not what the OCI says",
        "none | no listener came with it, but 0 descriptors named [seccompFd]",
        "loud | no listener came with it, but 0 descriptors named [\\x1b[2J\\r\\nsluice: all is"
            + " well, xxx",
        "wrong | no listener came with it, but 1 descriptors named [seccompFd]",
        "stream | its launcher is no Unix socket of packets",
        "huge | the state has more than 1 MiB or 16 descriptors",
        "closed | after 0 bytes: the connection was closed",
      })
  void whoHandsNothingOverHarmsNobody(String how, String complaint) {
    int before = agent.descriptorsOf(agent.pid());

    assertThat(handOver(how).run().out()).isNotEqualTo("4711\n");
    agent.awaitError("a client handed nothing over: " + complaint);
    assertThat(handOver("pieces").run().mustSucceed().out()).isEqualTo("4711\n");
    agent.await(
        "the end of what was opened for them",
        () -> agent.descriptorsOf(agent.pid()) <= before + 1);
  }

  @Test
  void whatTheySayIsCutInTheLog() {
    handOver("loud").run();

    agent.awaitError("x\n");
    assertThat(agent.err().lines()).noneMatch(line -> line.length() > 400);
  }

  @Test
  void nothingStaysOpenThatALauncherSendsBeside() {
    int before = agent.descriptorsOf(agent.pid());

    assertThat(handOver("launcher").run().out()).isNotEqualTo("4711\n");
    agent.awaitError("made-up is not started");
    agent.await("the end of what it sent", () -> agent.descriptorsOf(agent.pid()) <= before + 1);
  }

  /// It has our end of the socket too.
  @Test
  void aLauncherCannotTakeOffTheLimitOfItsTime() {
    Running stubborn = handOver("stubborn").start();

    agent.awaitError("made-up is not started");
    stubborn.closeInput();
  }

  /// Nobody takes the data of these sockets, which whoever closes them would wait for.
  @Test
  void aLauncherKeepsNobodyWaitingByWhatItSendsBeside() {
    int before = agent.descriptorsOf(agent.pid());
    Running launcher = handOver("lingering").start().awaitOutput("sent");

    agent.awaitError("made-up is not started");
    agent.await("the end of what it sent", () -> agent.descriptorsOf(agent.pid()) <= before + 1);
    launcher.closeInput();
  }

  /// Many more than there are threads for runtimes that wait.
  @Test
  void whoSaysNothingKeepsNobodyWaiting() {
    var stalled = new ArrayList<Running>();
    for (int i = 0; i < 20; i++) {
      stalled.add(handOver("stalled").start());
    }
    stalled.forEach(client -> client.awaitOutput("connected"));

    assertThat(handOver("pieces").run().mustSucceed().out()).isEqualTo("4711\n");
    stalled.forEach(Running::closeInput);
    stalled.forEach(Running::awaitStatus);
  }

  /// Such as many opens of containers at once make.
  @Test
  @NeedsRoot
  void whoHandsOverWaitsUntilThereAreDescriptorsAgain() {
    Running gone = handOver("stalled").start().awaitOutput("connected");
    String prlimit = "prlimit --pid " + agent.pid() + " --nofile=";
    sandbox.shell(prlimit + "3:").run().mustSucceed();
    gone.closeInput();
    handOver("stalled").start().awaitOutput("connected").closeInput();
    agent.awaitError("accept: EMFILE: whoever wants to hand over waits");
    sandbox.shell("sleep 1").run().mustSucceed(); // in which it would be said ten times
    Running container = handOver("pieces").start();
    sandbox.shell(prlimit + "1024:").run().mustSucceed();

    assertThat(container.finish().mustSucceed().out()).isEqualTo("4711\n");
    assertThat(agent.err().split("accept: EMFILE", -1)).hasSize(2);
  }

  /// Over the years, many come and go.
  @Test
  void noContainerLeavesAJournal() throws IOException {
    List<String> before = ofTheAgent();
    assertThat(handOver("late").run().mustSucceed().out()).isEqualTo("4711\n");

    assertThat(ofTheAgent())
        .contains("reload") // it is the agent's directory
        .isEqualTo(before)
        .noneMatch(name -> name.startsWith("journal"));
  }

  @Test
  void noAgentThatIsEndedLeavesItsDirectory() throws IOException {
    assertThat(handOver("pieces").run().mustSucceed().out()).isEqualTo("4711\n");
    agent.signal("TERM");
    assertThat(agent.awaitStatus()).isEqualTo(143);

    assertThat(ofTheAgent()).containsExactly("run");
    assertThat(agent.err()).doesNotContain("cannot be removed");
  }

  /// The signal comes as soon as there is one.
  @Test
  void noAgentThatIsEndedWhileItStartsLeavesItsDirectory() throws IOException {
    agent.signal("TERM");
    agent.awaitStatus();
    launch();
    agent.await(
        "its directory",
        () -> Objects.requireNonNull(sandbox.path("run").toFile().list()).length > 0);
    agent.signal("TERM");

    assertThat(agent.awaitStatus()).isEqualTo(143);
    assertThat(ofTheAgent()).containsExactly("run");
  }

  /// The name of the directory of the agent before is kept in a file.
  @Test
  void noAgentThatCannotStartLeavesItsDirectory() throws IOException {
    agent.signal("TERM");
    agent.awaitStatus();
    sandbox.shell("mkdir -m 700 state && mkdir state/session").run().mustSucceed();

    Run run =
        sandbox
            .sluice(
                "agent",
                "--keep",
                "--state",
                sandbox.path("state").toString(),
                "--policy",
                sandbox.policy(RULE).toString(),
                "--socket",
                socket.toString())
            .environment("XDG_RUNTIME_DIR", sandbox.path("run").toString())
            .run();

    assertThat(run.status()).isEqualTo(125);
    assertThat(run.err()).contains(sandbox.path("state/session").toString());
    assertThat(ofTheAgent()).containsExactly("run");
  }

  private List<String> ofTheAgent() throws IOException {
    try (var files = Files.walk(sandbox.path("run"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void aSecondAgentTakesThePlaceOfTheFirst() {
    agent.close();
    agent.awaitStatus();
    start();

    assertThat(handOver("late").run().mustSucceed().out()).isEqualTo("4711\n");
  }

  /// What lies there is somebody's.
  @Test
  void aFileIsNotTakenForASocket() {
    Path file = sandbox.file("precious", "content");

    Run run =
        sandbox
            .sluice(
                "agent", "--policy", sandbox.policy(RULE).toString(), "--socket", file.toString())
            .run();

    assertThat(run.err()).isEqualTo("sluice: --socket: bind \"" + file + "\": EADDRINUSE\n");
    assertThat(run.status()).isEqualTo(2);
    assertThat(file).hasContent("content");
  }

  private Command handOver(String how) {
    var words = new ArrayList<>(Project.python("hand_over"));
    words.add(socket.toString());
    words.add(how);
    return sandbox.command(words);
  }
}
