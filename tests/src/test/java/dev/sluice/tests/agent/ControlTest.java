package dev.sluice.tests.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.agent.control.ControlClient;
import dev.sluice.agent.control.ControlClient.Reply;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import dev.sluice.tests.harness.User;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The commands that ask a running agent.
final class ControlTest {
  private static final String RULES =
      """
      sluice: v1
      rules:
        - { name: parent, on: getppid, return: 4711 }
        - { name: private, on: [mkdir, mkdirat], when: 'path.glob("/secret/**")', deny: EACCES }
      """;

  /// What a filter that says nothing of it lets pass.
  private static final String REFUSED = "  - { on: sync, deny: EPERM }\n";

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  private Path policy;
  private Agent agent;
  private Running container;

  @BeforeEach
  void start() {
    policy = sandbox.file("policy.yaml", RULES);
    agent = Agent.start(sandbox, "--policy", policy.toString());
    String pod = "\"io.kubernetes.cri.sandbox-name\":\"web-0\"";
    container = agent.container("a-container", "", pod, "getppid,mkdir");
  }

  @AfterEach
  void end() {
    agent.close();
  }

  @Test
  void psShowsWhatIsSupervisedAndHowManyCallsItMade() {
    Agent.say(container, "many 3 getppid");

    // a call is counted once it has been answered
    String line = "a-container +- +web-0 +- +policy +supervised +\\d+ +0 +3 +0";
    agent
        .process()
        .await(line, () -> agent.command("ps").run().mustSucceed().lines().get(1).matches(line));
    container.closeInput();
    container.awaitStatus();
    agent
        .process()
        .await("its end", () -> agent.command("ps").run().mustSucceed().lines().size() == 1);
  }

  @Test
  void quarantineRefusesEveryCallUntilItIsLifted() {
    agent.command("quarantine", "a-con").run().mustSucceed();
    assertThat(Agent.say(container, "getppid")).isEqualTo("EPERM");
    assertThat(Agent.say(container, "mkdir " + sandbox.path("d") + " 448")).isEqualTo("EPERM");
    assertThat(agent.command("ps").run().out()).contains("quarantined");
    // what is executed in it later too
    Running exec = agent.container("a-container", "", "", "getppid");
    assertThat(Agent.say(exec, "getppid")).isEqualTo("EPERM");

    agent.command("quarantine", "--lift", "a-con").run().mustSucceed();

    assertThat(Agent.say(container, "getppid")).isEqualTo("4711");
    assertThat(Agent.say(exec, "getppid")).isEqualTo("4711");
  }

  /// A policy that comes later does not lift it either.
  @Test
  void quarantineHoldsForAContainerThatHadNoPolicy() {
    sandbox.file("policies/other.yaml", RULES);
    try (Agent some =
        Agent.start(
            sandbox.directory("some"),
            sandbox,
            "--policies",
            sandbox.path("policies").toString())) {
      Running one = some.container("one", "late", "", "getppid");
      some.command("quarantine", "one").run().mustSucceed();
      assertThat(some.command("ps").run().out()).contains("quarantined");

      sandbox.file("policies/late.yaml", RULES);
      some.command("reload").run().mustSucceed();

      assertThat(Agent.say(one, "getppid")).isEqualTo("EPERM");
      some.command("quarantine", "--lift", "one").run().mustSucceed();
      assertThat(Agent.say(one, "getppid")).isEqualTo("4711");
    }
  }

  /// The kernel does not let such an agent signal root.
  @Test
  @NeedsRoot
  void rootMayAskAnAgentOfAnotherUser() {
    Path theirs = sandbox.directory("theirs");
    try (Agent other =
        Agent.startAs(User.ORDINARY, theirs, sandbox, "--policy", policy.toString())) {
      assertThat(other.command("ps").run().mustSucceed().lines()).hasSize(1);
      other.command("ps").supervisedAs(User.ORDINARY).run().mustSucceed();
    }
  }

  @Test
  @NeedsRoot
  void nobodyAsksForWhomItConnects() {
    Path connects =
        sandbox.policy("- { on: '@connect', when: 'address.port == 25', deny: EACCES }");
    try (Agent some =
        Agent.start(sandbox.directory("some"), sandbox, "--policy", policy.toString())) {
      Run run = some.command("ps").under(connects).run();
      assertThat(run.err()).contains("nobody who is supervised");
      assertThat(run.status()).isNotZero();
    }
  }

  /// Nobody who can end the agent, by using up memory say, lifts it.
  @Test
  void quarantineHoldsWhenTheAgentIsStartedAgain() {
    try (Agent kept =
        Agent.start(sandbox.directory("kept"), sandbox, "--keep", "--policy", policy.toString())) {
      Running one = kept.container("one", "", "", "getppid");
      Running other = kept.container("other", "", "", "getppid");
      kept.command("quarantine", "one").run().mustSucceed();

      kept.killAgent();

      assertThat(Agent.say(one, "getppid")).isEqualTo("EPERM");
      assertThat(Agent.say(other, "getppid")).isEqualTo("4711");
      kept.command("quarantine", "--lift", "one").run().mustSucceed();
      assertThat(Agent.say(one, "getppid")).isEqualTo("4711");
    }
  }

  /// What is new in it is half in the kernel: the filter lets pass what nobody is asked about.
  @Test
  void aPolicyThatTheFilterCannotExpressDecidesAfterNoRestart() {
    try (Agent kept =
        Agent.start(sandbox.directory("kept"), sandbox, "--keep", "--policy", policy.toString())) {
      Running one = kept.container("one", "", "", "getppid");
      assertThat(Agent.say(one, "getppid")).isEqualTo("4711");

      sandbox.file("policy.yaml", RULES.replace("4711", "1") + REFUSED);
      kept.killAgent();
      assertThat(Agent.say(one, "getppid")).isEqualTo("4711");
      assertThat(kept.process().err())
          .contains("container one: ")
          .contains("cannot answer 'errno EPERM' to sync")
          .contains("policy policy (as it was when its filter was installed)");

      sandbox.file("policy.yaml", RULES.replace("4711", "2"));
      kept.killAgent();
      assertThat(Agent.say(one, "getppid")).isEqualTo("2");
      sandbox.file("policy.yaml", RULES + REFUSED);
      assertThat(kept.command("reload").run().err()).contains("to sync before");

      kept.killAgent(); // it is as refused as before: what was not goes on
      assertThat(Agent.say(one, "getppid")).isEqualTo("2");
      assertThat(kept.process().err()).contains("policy policy (as it was when it decided last)");

      sandbox.file("policy.yaml", RULES.replace("4711", "3"));
      kept.command("reload").run().mustSucceed();
      sandbox.file("policy.yaml", RULES + REFUSED);
      kept.killAgent();
      assertThat(Agent.say(one, "getppid")).isEqualTo("3");
    }
  }

  /// Its socket is the keeper's, and is there for the next.
  @Test
  void drainUnderAKeeperTurnsContainersAwayUntilTheAgentIsStartedAgain() throws IOException {
    try (Agent kept =
        Agent.start(sandbox.directory("kept"), sandbox, "--keep", "--policy", policy.toString())) {
      Running one = kept.container("one", "", "", "getppid");
      kept.command("drain").run().mustSucceed();
      try (var client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
        client.connect(UnixDomainSocketAddress.of(kept.socket()));
        assertThat(client.read(ByteBuffer.allocate(1))).isEqualTo(-1);
      }
      assertThat(Agent.say(one, "getppid")).isEqualTo("4711");

      kept.killAgent();

      Running next = kept.container("next", "", "", "getppid");
      assertThat(Agent.say(next, "getppid")).isEqualTo("4711");
    }
  }

  @Test
  void killEndsIt() {
    agent.command("kill", "a-container").run().mustSucceed();

    assertThat(container.awaitStatus()).isEqualTo(128 + 9);
  }

  /// Whoever starts a container may call it what they like.
  @Test
  void noIdOrdersATerminalAbout() {
    var words = new ArrayList<>(Project.python("made_up_container"));
    String state = "{\"state\": {\"id\": \"a\\u001b[2J\"}}";
    words.addAll(List.of(agent.socket().toString(), state, "getppid"));
    sandbox.command(words).start().awaitOutput("handed over\n");
    agent.process().awaitError("container a\\x1b[2J, process ");

    String asked = "a\u001b[2J";
    assertThat(agent.command("quarantine", asked).run().mustSucceed().out())
        .isEqualTo("a\\x1b[2J: quarantined\n");
    assertThat(agent.command("kill", asked).run().mustSucceed().out())
        .isEqualTo("killed a\\x1b[2J\n");
  }

  /// A script's variable that is not set names no container, and not those without an id either.
  @ParameterizedTest
  @ValueSource(strings = {"kill", "quarantine", "explain"})
  void nobodyIsMeantByAnEmptyId(String order) throws IOException {
    Running nameless = agent.container("", "", "", "getppid");
    String[] words = order.equals("explain") ? new String[] {"", "getppid"} : new String[] {""};

    Run run = agent.command(order, words).run();

    assertThat(run.err())
        .isEqualTo("sluice: CONTAINER is empty; it is an id, or how that begins\n");
    assertThat(run.status()).isEqualTo(2);
    Reply reply = new ControlClient(agent.control()).post("/v1/containers//" + order, "");
    assertThat(reply)
        .isEqualTo(
            new Reply(
                400, "{\"error\":\"a container is named by its id, or by how that begins\"}\n"));
    assertThat(Agent.say(nameless, "getppid")).isEqualTo("4711");
  }

  /// Its runtime calls it 2, which is another here.
  @Test
  @NeedsRoot
  void killKnowsNoProcessByTheNumberOfAnotherPidNamespace() {
    String script = "\"$0\" \"$@\"; echo status $?";
    var words = new ArrayList<>(List.of("unshare", "--pid", "--fork", "sh", "-c", script));
    words.addAll(Project.python("made_up_container"));
    words.addAll(List.of(agent.socket().toString(), "{\"state\": {\"id\": \"inner\"}}", "getppid"));
    Running inner = sandbox.command(words).start().awaitOutput("handed over\n");
    agent.process().awaitError("container inner, process 0: ");

    assertThat(agent.process().err())
        .containsPattern(
            "process \\d+ of user 0 is in another pid namespace, or has ended: which process of"
                + " ours it calls 2 is not known, and so for all that it hands over")
        .contains("container a-container, process " + container.pid() + ": ");
    agent.command("kill", "inner").run().mustSucceed();
    inner.type("getppid\n"); // whoever makes a call is known
    inner.awaitOutput("status 137\n");
  }

  @Test
  void explainAsksThePolicyThatDecides() {
    Run run = agent.command("explain", "a-container", "mkdir", "/secret/x").run().mustSucceed();

    assertThat(run.out()).contains("verdict: deny EACCES").contains("rule: private");
    Run wrong = agent.command("explain", "a-container", "mkdirr").run();
    assertThat(wrong.status()).isEqualTo(2);
    assertThat(wrong.err()).contains("mkdirr");
  }

  @Test
  void reloadIsAllOrNothing() {
    sandbox.file("policy.yaml", RULES.replace("4711", "4712"));
    assertThat(Agent.say(container, "getppid")).isEqualTo("4711");
    agent.command("reload").run().mustSucceed();
    assertThat(Agent.say(container, "getppid")).isEqualTo("4712");
    assertThat(agent.command("status").run().out()).contains("epoch: 2\n");

    sandbox.file("policy.yaml", RULES.replace("getppid", "getpppid"));
    Run wrong = agent.command("reload").run();

    assertThat(wrong.status()).isEqualTo(2);
    assertThat(wrong.err()).contains("policy.yaml:3:").contains("getpppid");
    assertThat(Agent.say(container, "getppid")).isEqualTo("4712");
  }

  /// Whoever reads one waits for somebody who writes.
  @ParameterizedTest
  @ValueSource(strings = {"policies/other.yaml", "policies/choice.yaml"})
  void aFifoInThePlaceOfAPolicyKeepsNobodyWaiting(String place) {
    sandbox.file("policies/other.yaml", RULES);
    sandbox.file("policies/choice.yaml", "sluice: choice-v1\n");
    String[] options = {
      "--policies", sandbox.path("policies").toString(),
      "--policy", sandbox.path("policies/other.yaml").toString()
    };
    try (Agent some = Agent.start(sandbox.directory("some"), sandbox, options)) {
      Running one = some.container("one", "", "", "getppid");
      sandbox.shell("rm " + place + " && mkfifo " + place).run().mustSucceed();

      Run reload = some.command("reload").run();

      assertThat(reload.err())
          .isEqualTo("sluice: " + sandbox.path(place) + ":1:1: error: this is no regular file\n");
      assertThat(reload.status()).isEqualTo(2);
      assertThat(Agent.say(one, "getppid")).isEqualTo("4711");
      assertThat(Agent.say(some.container("two", "", "", "getppid"), "getppid")).isEqualTo("4711");
    }
  }

  @Test
  void drainEndsTheAgentWithItsLastContainer() {
    assertThat(answer("readyz").mustSucceed().out()).isEqualTo("ready\n");
    Run drain = agent.command("drain").run().mustSucceed();

    assertThat(drain.out()).isEqualTo("draining: 1 containers are left\n");
    // what looks after it is to leave it, and to send it no more
    assertThat(answer("healthz").mustSucceed().out()).isEqualTo("ok\n");
    assertThat(answer("readyz").err()).isEqualTo("sluice: the agent says: draining\n");
    assertThat(answer("readyz").status()).isEqualTo(2);
    assertThat(Agent.say(container, "getppid")).isEqualTo("4711");
    container.closeInput();
    assertThat(agent.process().awaitStatus()).isZero();
    // one without containers ends at once, but says so
    try (Agent idle = Agent.start(sandbox, "--policy", policy.toString())) {
      Run last = idle.command("drain").run().mustSucceed();
      assertThat(last.out()).isEqualTo("draining: 0 containers are left\n");
      assertThat(idle.process().awaitStatus()).isZero();
    }
  }

  /// Of an agent that runs, and may come to answer only after a probe has given up.
  private Run answer(String what) {
    Run run = probe(what);
    for (int i = 0; i < 20 && run.err().contains("nothing came within"); i++) {
      run = probe(what);
    }
    return run;
  }

  private Run probe(String what) {
    return agent.command("status", "--probe", what).run();
  }

  /// The kernel takes the connection, and the request, for it.
  @Test
  void aProbeOfAnAgentThatIsStoppedEnds() {
    agent.process().stop();
    assertNoAnswer(probe("healthz"), agent.control());

    agent.process().signal("CONT");
    assertThat(answer("healthz").mustSucceed().out()).isEqualTo("ok\n");
  }

  /// And then it takes no more.
  @Test
  void aProbeOfAnAgentWhoseQueueIsFullEnds() throws IOException {
    Path full = sandbox.path("full.sock");
    var address = UnixDomainSocketAddress.of(full);
    try (var _ = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address, 1);
        var _ = SocketChannel.open(address);
        var _ = SocketChannel.open(address)) { // one more than the queue is said to have room for
      String[] words = {"status", "--probe", "healthz", "--control", full.toString()};
      assertNoAnswer(sandbox.sluice(words).run(), full);
    }
  }

  private static void assertNoAnswer(Run run, Path control) {
    assertThat(run.err())
        .isEqualTo(
            "sluice: no agent answers at \""
                + control
                + "\": nothing came within 5 s; is it running?\n");
    assertThat(run.status()).isEqualTo(125);
  }

  @Test
  void topShowsTheRateOfCalls() {
    Run top = agent.command("top", "--looks", "2", "--delay", "1").run().mustSucceed();

    assertThat(top.lines()).hasSize(4);
    assertThat(top.lines().get(3)).matches("a-container +web-0 +policy +supervised +0 +0 +0");
  }

  @Test
  void aQuestionThatIsTooLongIsRefused() {
    Run run = agent.command("explain", "a-container", "mkdir", "/x".repeat(40_000)).run();

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).isEqualTo("sluice: a question has 64 KiB or less\n");
  }

  @Test
  void namesAreWholeInAnyLocale() {
    agent.container("ünï", "", "", "getppid");

    Run ps = agent.command("ps", "--json").environment("LC_ALL", "C").run().mustSucceed();

    assertThat(ps.out()).contains("\"id\":\"ünï\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ps", "ps --json", "status", "top --looks 1", "explain a-con getppid"})
  void whatCannotBeWrittenIsSaid(String asked) {
    String name = asked.split(" ", 2)[0];
    String rest = asked.substring(name.length());
    String script = "exec \"$0\" " + name + " --control " + agent.control() + rest + " >/dev/full";

    Run run = sandbox.command("sh", "-c", script, Project.SCRIPT.toString()).run();

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).isEqualTo("sluice: standard output cannot be written\n");
  }

  @Test
  void whatIsNotThereIsSaid() {
    Run unknown = agent.command("kill", "another").run();
    assertThat(unknown.status()).isEqualTo(2);
    assertThat(unknown.err()).isEqualTo("sluice: there is no container 'another'\n");
    Path nowhere = sandbox.path("nowhere.sock");

    Run none = sandbox.sluice("ps", "--control", nowhere.toString()).run();

    assertThat(none.status()).isEqualTo(125);
    assertThat(none.err()).contains("no agent answers at \"" + nowhere + "\"");
  }
}
