package dev.sluice.tests.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import dev.sluice.tests.harness.User;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `sluice run --agent`.
final class CommandsTest {
  private static final String USAGE =
      "; it is 'sluice run --agent[=SOCKET] [--policy NAME] -- COMMAND [ARG...]'";

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @BeforeEach
  void policies() {
    policy(
        "secrets",
        """
        - { name: secret, on: "@open", when: 'path.glob("**/secret")', deny: EACCES, audit: always }
        - { on: "@exec", when: 'path.glob("**/forbidden")', deny: EACCES }
        """);
    policy("refuse", "- { on: \"@open\", when: 'path.glob(\"**/open\")', deny: EXDEV }\n");
    policy("kernel", "- { on: mkdir, deny: EXDEV }\n- { on: mkdirat, deny: EXDEV }\n");
    sandbox.file("policies/choice.yaml", "sluice: choice-v1\ndefault: refuse\n");
    sandbox.file("secret", "content");
    sandbox.file("open", "content");
  }

  private void policy(String name, String rules) {
    sandbox.file("policies/" + name + ".yaml", "sluice: v1\nrules:\n" + rules.indent(2));
  }

  private Agent agent(String... options) {
    var all = new ArrayList<>(List.of("--policies", sandbox.path("policies").toString()));
    all.addAll(List.of(options));
    return Agent.start(sandbox, all.toArray(String[]::new));
  }

  private Command run(String... words) {
    return Agent.run(sandbox, words);
  }

  @ParameterizedTest
  @ValueSource(strings = {"<&-", ">&-", "2>&-", "<&- >&-", "<&- 2>&-", ">&- 2>&-", "<&- >&- 2>&-"})
  void standardStreamsMayBeClosed(String closing) {
    try (Agent agent = agent()) {
      String command = "\"$0\" run --agent=agent.sock -- sh -c 'exit 7' " + closing;
      Run run = sandbox.command("sh", "-c", command, Project.SCRIPT.toString()).run();

      assertThat(run.status()).as("%s %s", run, agent).isEqualTo(7);
    }
  }

  @Test
  void theAgentDecidesByThePolicyThatIsNamedOrByItsDefault() {
    String script = "cat secret; cat open; exit 3";
    try (Agent _ = agent()) {
      Run named = run("--policy", "secrets", "--", "sh", "-c", script).run();
      assertThat(named.status()).isEqualTo(3);
      assertThat(named.out()).isEqualTo("content");
      assertThat(named.err()).isEqualTo("cat: secret: Permission denied\n");

      Run chosen = run("sh", "-c", script).run();
      assertThat(chosen.status()).isEqualTo(3);
      assertThat(chosen.err()).isEqualTo("cat: open: Invalid cross-device link\n");
    }
  }

  /// Nobody is told of the command then.
  @Test
  void aPolicyThatTheKernelEnforcesAloneNeedsNobody() {
    try (Agent agent = agent()) {
      Run run = run("--policy=kernel", "--", "mkdir", "made").run();

      assertThat(run.err()).contains("Invalid cross-device link");
      assertThat(agent.command("ps").run().mustSucceed().lines()).hasSize(1);
    }
  }

  @Test
  void psExplainAndRecordsKnowTheCommand() throws IOException {
    Path audit = sandbox.path("audit.jsonl");
    try (Agent agent = agent("--audit", audit.toString())) {
      Running command =
          run("--policy", "secrets", "--", "sh", "-c", "echo going; read x; exec cat secret")
              .start()
              .awaitOutput("going");

      String line = agent.command("ps").run().mustSucceed().lines().get(1);
      assertThat(line)
          .matches(
              "run-%1$d-\\p{XDigit}{8} .* sh +secrets +supervised +%1$d .*"
                  .formatted(command.pid()));
      String id = "run-" + command.pid();
      Run explained = agent.command("explain", id, "openat", "AT_FDCWD", "/secret").run();
      assertThat(explained.mustSucceed().out()).contains("EACCES");

      command.closeInput();
      assertThat(command.finish().err()).isEqualTo("cat: secret: Permission denied\n");
      agent.process().await("its end", () -> agent.command("ps").run().lines().size() == 1);
      agent.process().signal("TERM");
      agent.process().awaitStatus();
      assertThat(Files.readAllLines(audit))
          .anyMatch(record ->
              record.contains(
                      "\"container\":\""
                          + line.substring(0, line.indexOf(" "))
                          + "\",\"container_name\":\"sh\"")
                  && record.contains("\"rule\":\"secret\""));
    }
  }

  @Test
  void theCommandKeepsItsStatusItsSignalsAndItsInput() {
    try (Agent _ = agent()) {
      Running killed = run("--", "sh", "-c", "echo going; read x").start().awaitOutput("going");
      killed.signal("TERM");
      assertThat(killed.awaitStatus()).isEqualTo(128 + 15);

      assertThat(run("--", "cat").input("typed").run().mustSucceed().out()).isEqualTo("typed");
      assertThat(run("--", "no-such-program").run().status()).isEqualTo(127);
      assertThat(run("--", "/").run().status()).isEqualTo(126);
    }
  }

  /// It may be any bytes.
  @Test
  void theNameOfACommandNeedNotBeText() {
    String script = "cp /bin/echo \"$NAME\" && exec \"$0\" run --agent=agent.sock \"./$NAME\" done";
    try (Agent _ = agent()) {
      String name = "NAME=$(printf 'a\\377b\\303(\\360\\237\\230\\200c'); ";
      Run run = sandbox.command("sh", "-c", name + script, Project.SCRIPT.toString()).run();

      assertThat(run.err()).isEmpty();
      assertThat(run.mustSucceed().out()).isEqualTo("done\n");
    }
  }

  /// They tell who is supervised by its having more.
  @Test
  void anAgentWithFiltersOfItsOwnSaysWhatThatMeans() {
    Path kernel = sandbox.policy("- { on: personality, deny: EPERM }");
    Running agent =
        sandbox
            .sluice(
                "agent",
                "--policy",
                sandbox.path("policies/secrets.yaml").toString(),
                "--socket",
                sandbox.path("other.sock").toString())
            .under(kernel)
            .start();

    agent.awaitError("sluice: the agent has 1 seccomp filters itself: whoever is root");
    agent.awaitError("listening at");
  }

  /// What it executes is decided on too, as its filter says that no signal comes in between.
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void programsAreDecidedOn(boolean afterARestart) {
    sandbox.shell("cp /bin/true forbidden && cp /bin/true allowed").run().mustSucceed();
    try (Agent agent = agent("--keep")) {
      Running command =
          run(
                  "--policy",
                  "secrets",
                  "--",
                  "sh",
                  "-c",
                  "echo going; read x; ./allowed && ./forbidden")
              .start()
              .awaitOutput("going");
      if (afterARestart) {
        agent.killAgent();
      }
      command.closeInput();

      Run run = command.finish();
      assertThat(run.err()).isEqualTo("sh: 1: ./forbidden: Permission denied\n");
      assertThat(run.status()).isEqualTo(126);
    }
  }

  @Test
  void aCommandOutlivesAnAgentThatIsKept() {
    try (Agent agent = agent("--keep")) {
      Running command =
          run(
                  "--policy",
                  "secrets",
                  "--",
                  "sh",
                  "-c",
                  "while read x; do cat secret; cat open; done")
              .start();
      for (int i = 1; i <= 3; i++) {
        int calls = i;
        command.type("\n");
        command.await("the answer", () -> command.out().length() == calls * "content".length());
        agent.killAgent();
      }
      command.closeInput();

      assertThat(command.finish().err()).isEqualTo("cat: secret: Permission denied\n".repeat(3));
      agent.process().await("its end", () -> agent.command("ps").run().lines().size() == 1);
    }
  }

  @Test
  void withoutAnAgentNothingIsStarted() {
    Run run = run("--policy", "secrets", "--", "touch", "made").run();

    assertThat(run.status()).isEqualTo(125);
    assertThat(run.err())
        .isEqualTo(
            "sluice: the agent at \"%s\": connect: ENOENT (No such file or directory)\n"
                .formatted(sandbox.path("agent.sock")));
    assertThat(sandbox.path("made")).doesNotExist();
  }

  @Test
  void withoutAPolicyNothingIsStarted() throws IOException {
    Files.delete(sandbox.path("policies/choice.yaml"));
    try (Agent _ = agent()) {
      Run unknown = run("--policy", "none\"\n", "--", "touch", "made").run();
      assertThat(unknown.status()).isEqualTo(2);
      assertThat(unknown.err()).isEqualTo("sluice: the agent has no policy 'none\"\n'\n");
      Run tooLong = run("--policy", "a".repeat(40_000), "--", "touch", "made").run();
      assertThat(tooLong.status()).isEqualTo(2);
      assertThat(tooLong.err())
          .isEqualTo("sluice: the agent has no policy '" + "a".repeat(200) + "…'\n");

      Run none = run("--", "touch", "made").run();
      assertThat(none.status()).isEqualTo(2);
      assertThat(none.err())
          .isEqualTo("sluice: the agent has no policy for this command: name one with --policy\n");
      assertThat(sandbox.path("made")).doesNotExist();
    }
  }

  /// The name counts where there is one policy for everybody, too.
  @Test
  void theOnlyPolicyOfAnAgentHasAName() {
    String file = sandbox.path("policies/secrets.yaml").toString();
    try (Agent _ = Agent.start(sandbox, "--policy", file)) {
      assertThat(run("--policy", "other", "--", "true").run().status()).isEqualTo(2);
      assertThat(run("--policy", "secrets", "--", "cat", "secret").run().err())
          .isEqualTo("cat: secret: Permission denied\n");
      assertThat(run("--", "cat", "secret").run().status()).isEqualTo(1);
    }
  }

  @Test
  void anAgentThatIsDrainedTakesNoCommand() {
    try (Agent agent = agent("--keep")) {
      agent.command("drain").run().mustSucceed();

      Run run = run("--", "touch", "made").run();

      assertThat(run.status()).isEqualTo(125);
      assertThat(run.err())
          .isEqualTo(
              "sluice: the agent at \"%s\" did not take the command: its log says why\n"
                  .formatted(agent.socket()));
      assertThat(sandbox.path("made")).doesNotExist();
    }
  }

  /// The kernel allows one listener.
  @Test
  void aCommandOfACommandCannotBeSupervisedAgain() {
    try (Agent agent = agent()) {
      var words = new ArrayList<>(List.of("--policy", "secrets", "--"));
      words.addAll(run("--", "touch", "made").words());

      Run run = run(words.toArray(String[]::new)).run();

      assertThat(run.status()).isEqualTo(125);
      assertThat(run.err()).isEqualTo("sluice: seccomp: EBUSY (Device or resource busy)\n");
      agent.process().awaitError("is not started: seccomp: EBUSY");
    }
  }

  @Test
  @NeedsRoot
  void anotherUserIsNotServed() {
    try (Agent _ = agent()) {
      Run run = run("--", "touch", "made").supervisedAs(User.ORDINARY).run();

      assertThat(run.status()).isEqualTo(125);
      assertThat(run.err()).endsWith("connect: EACCES (Permission denied)\n");
    }
  }

  /// Who runs the agent could have anything done for root.
  @Test
  @NeedsRoot
  void rootDoesNotRunUnderTheAgentOfAnotherUser() {
    var words = new ArrayList<>(User.ORDINARY.prefix());
    words.addAll(
        sandbox
            .sluice(
                "agent",
                "--policies",
                sandbox.path("policies").toString(),
                "--socket",
                sandbox.path("agent.sock").toString())
            .words());
    try (Running agent = sandbox.command(words).start().awaitError("listening at")) {
      Run run = run("--", "touch", "made").run();

      assertThat(run.status()).isEqualTo(125);
      assertThat(run.err()).endsWith("SO_PEERCRED: EPERM (Operation not permitted)\n");
      assertThat(run("--", "cat", "open").supervisedAs(User.ORDINARY).run().err())
          .isEqualTo("cat: open: Invalid cross-device link\n");
      assertThat(agent.isAlive()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--audit=x -- true | --audit=x does not go with --agent: records, plug-ins and the rest are"
            + " the agent's",
        "--policy | --policy needs a value",
        "-- | COMMAND is missing",
      })
  void wrongUsageIsExplained(String words, String complaint) {
    Run run = run(words.split(" ")).run();

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).isEqualTo("sluice: " + complaint + USAGE + "\n");
  }

  @Test
  void theOptionComesFirst() {
    Run run = sandbox.sluice("run", "--policy", "secrets", "--agent", "--", "true").run();

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err())
        .isEqualTo(
            "sluice: --agent comes first: 'sluice run --agent[=SOCKET] [--policy NAME] --"
                + " COMMAND'\n");
  }

  /// `src/test/python/launcher.py`.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "file | a client handed nothing over: its launcher is no Unix socket of packets",
        "gone | made-up is not started: the launcher ended",
        "garbage | made-up is not started: the launcher ended",
        "full | made-up is not started: sendmsg \"sluice-launch\": EAGAIN",
        "many | made-up is not started",
        "wrong | made-up is not started",
      })
  void launchersThatAreNoneHarmNobody(String how, String complaint) {
    var words = new ArrayList<>(Project.python("launcher"));
    words.addAll(List.of(sandbox.path("agent.sock").toString(), how));
    try (Agent agent = agent()) {
      Running process = agent.process();
      run("--", "cat", "open").run();
      int before = process.descriptorsOf(process.pid());

      Running launcher = sandbox.command(words).start();
      process.awaitError(complaint);
      assertThat(run("--", "cat", "open").run().status()).isEqualTo(1);
      launcher.closeInput();
      launcher.awaitStatus();

      process.await(
          "the end of what was opened", () -> process.descriptorsOf(process.pid()) <= before);
    }
  }
}
