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
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `sluice agent --group`, and what its members may.
@NeedsRoot
final class GroupTest {
  private static final int GROUP = 4444;
  private static final User MEMBER = User.ORDINARY.inGroups(17, GROUP);
  private static final User OTHER_MEMBER = new User(4343, GROUP, List.of());

  /// What the agent may know of others, and what a command may say of itself.
  private static final String FORGED =
      """
      {"pid": 1, "metadata": "", "sluiceUser": 0, "state": {"id": "shop-1", "bundle": "/b",
       "annotations": {"dev.sluice.policy": "strict", "dev.sluice.user": "0",
                       "dev.sluice.command": "claimed", "io.kubernetes.pod.namespace": "shop"}}}
      """;

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @BeforeEach
  void policies() {
    policy(
        "named",
        """
        - { on: getppid, when: 'container.namespace != "" || container.id == "shop-1"', return: 1 }
        - { on: getppid, return: 4711 }
        - { on: "@open", when: 'path.glob("**/secret")', deny: EACCES }
        """);
    policy("strict", "- { on: getppid, return: 2 }\n- { on: mkdir, deny: EXDEV }\n");
    sandbox.file(
        "policies/choice.yaml",
        """
        sluice: choice-v1
        choose:
          - { annotations: { dev.sluice.user: "4343" }, policy: strict }
        default: named
        """);
    sandbox.file("secret", "content");
  }

  private void policy(String name, String rules) {
    sandbox.file("policies/" + name + ".yaml", "sluice: v1\nrules:\n" + rules.indent(2));
  }

  private Agent agent(String... options) {
    var all = new ArrayList<>(List.of("--policies", sandbox.path("policies").toString()));
    all.addAll(List.of("--group", "" + GROUP));
    all.addAll(List.of(options));
    return Agent.start(sandbox, all.toArray(String[]::new));
  }

  private Command run(String... words) {
    return Agent.run(sandbox, words);
  }

  private Command python(String program, String argument) {
    var words = new ArrayList<>(Project.python(program));
    words.addAll(List.of(sandbox.path("agent.sock").toString(), argument));
    return sandbox.command(words);
  }

  @Test
  void membersHaveTheirCommandsSupervised() throws IOException {
    try (Agent agent = agent()) {
      Run run = run("--policy", "named", "--", "cat", "secret").supervisedAs(MEMBER).run();
      assertThat(run.err()).isEqualTo("cat: secret: Permission denied\n");
      assertThat(run.status()).isEqualTo(1);

      // by its group id, and by the policy that is chosen for that user
      Run other = run("sh", "-c", "mkdir made; cat secret").supervisedAs(OTHER_MEMBER).run();
      assertThat(other.err()).contains("mkdir").endsWith("Invalid cross-device link\n");
      assertThat(other.out()).isEqualTo("content");

      assertThat(Files.getAttribute(agent.socket(), "unix:gid")).isEqualTo(GROUP);
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(agent.socket())))
          .isEqualTo("rw-rw----");
    }
  }

  @Test
  void othersAreNotServed() {
    try (Agent _ = agent()) {
      Run run = run("--", "touch", "made").supervisedAs(User.ORDINARY.inGroups(17, 18)).run();

      assertThat(run.status()).isEqualTo(125);
      assertThat(run.err()).endsWith("connect: EACCES (Permission denied)\n");
    }
  }

  /// The socket is open to whoever has permission by its mode; the agent looks for itself.
  @Test
  void whoCanConnectIsNoMemberForThat() throws IOException {
    try (Agent agent = agent()) {
      Files.setPosixFilePermissions(agent.socket(), PosixFilePermissions.fromString("rw-rw-rw-"));
      Run run = run("--", "touch", "made").supervisedAs(User.ORDINARY).run();

      assertThat(run.status()).isEqualTo(125);
      agent.process().awaitError("of user 4242 is no runtime of ours");
    }
  }

  @Test
  void membersMayNothingElse() {
    try (Agent agent = agent()) {
      Running command = run("--", "sh", "-c", "echo going; read x").supervisedAs(MEMBER).start();
      command.awaitOutput("going");
      String id = agent.command("ps").run().mustSucceed().lines().get(1).split(" ", -1)[0];

      for (String[] each : new String[][] {{"ps"}, {"kill", id}, {"quarantine", id}, {"drain"}}) {
        String[] more = List.of(each).subList(1, each.length).toArray(String[]::new);
        Run run = agent.command(each[0], more).supervisedAs(MEMBER).run();
        assertThat(run.status()).as(each[0]).isNotZero();
        assertThat(run.err()).as(each[0]).contains("Permission denied");
      }
      assertThat(python("hand_over", "child").run().out()).isEqualTo("4711\n");
      assertThat(python("hand_over", "child").supervisedAs(MEMBER).run().out())
          .isEqualTo("-38\n"); // ENOSYS
      agent
          .process()
          .awaitError("of user 4242 may have commands supervised, and hand nothing over");
      assertThat(agent.command("ps").run().mustSucceed().lines()).hasSize(2);

      agent.command("kill", id).run().mustSucceed(); // who may, finds the process
      assertThat(command.awaitStatus()).isEqualTo(128 + 9);
    }
  }

  @Test
  void whatACommandSaysOfItselfIsNotBelieved() {
    try (Agent agent = agent("--keep")) {
      Running container = agent.container("shop-1", "", "", "getppid");
      assertThat(Agent.say(container, "getppid")).isEqualTo("1");
      Running forged = python("forged_command", FORGED).supervisedAs(MEMBER).start();
      forged.awaitOutput("started\n");

      assertThat(Agent.say(forged, "")).isEqualTo("4711");
      agent.killAgent(); // nor by whoever comes after it
      assertThat(Agent.say(forged, "")).isEqualTo("4711");
      assertThat(agent.command("ps").run().mustSucceed().lines())
          .anyMatch(line -> line.matches("run-%d-\\p{XDigit}{8} .*".formatted(forged.pid())))
          .anyMatch(line -> line.startsWith("shop-1 "));

      agent.command("quarantine", "shop-1").run().mustSucceed();
      assertThat(Agent.say(forged, "")).isEqualTo("4711");
      assertThat(run("--", "cat", "secret").supervisedAs(MEMBER).run().status()).isEqualTo(1);
    }
  }

  /// One that is let does not let its commands.
  @Test
  void whoIsSupervisedMayNotAsk() {
    Path kernel = sandbox.policy("- { on: personality, deny: EPERM }");
    try (Agent agent = agent()) {
      Run run = run("--", "touch", "made").under(kernel).supervisedAs(MEMBER).run();

      assertThat(run.status()).isEqualTo(125);
      assertThat(run.err()).contains("did not take the command: its log says why");
      agent.process().awaitError("of user 4242 is supervised, or it is not known whether it is");
      assertThat(sandbox.path("made")).doesNotExist();
    }
  }

  /// However many it starts.
  @Test
  void theCommandsOfAUserShareWhatOneContainerMayHave() {
    sandbox.shell("mkfifo fifo && chmod 666 fifo").run().mustSucceed();
    try (Agent agent = agent("--max-pending", "2", "--overload", "EBUSY")) {
      String script = "echo going; read x; : <fifo";
      Running late = run("--", "sh", "-c", script).supervisedAs(MEMBER).start();
      late.awaitOutput("going");
      // by then nothing else of it is pending, as what it is loaded from would be
      String waits = "echo going; : <fifo";
      for (int i = 1; i <= 2; i++) {
        run("--", "sh", "-c", waits).supervisedAs(MEMBER).start().awaitOutput("going");
        agent.awaitPending(i);
      }
      late.closeInput();
      assertThat(late.finish().err()).contains("cannot open fifo: Device or resource busy");

      var other = run("--policy=named", "--", "sh", "-c", waits).supervisedAs(OTHER_MEMBER);
      other.start().awaitOutput("going");
      agent.awaitPending(3);
      run("--", "sh", "-c", waits).start().awaitOutput("going");
      agent.awaitPending(4);
    }
  }

  /// It has never more than one call at a time, whatever is left to do for the last: for a program
  /// that has just been executed, say.
  @Test
  void oneThatDoesOneThingAfterTheOtherNeedsNoMore() {
    policy(
        "looking",
        """
        - { on: "@exec", when: 'path.under("/nowhere")', deny: EACCES }
        - { on: "@open", when: 'path.under("/nowhere")', deny: EACCES }
        """);
    try (Agent _ = agent("--max-pending", "1")) {
      String script = "for i in $(seq 200); do /bin/true || exit; done";
      Run run = run("--policy", "looking", "--", "sh", "-c", script).supervisedAs(MEMBER).run();

      assertThat(run.err()).isEmpty();
      assertThat(run.status()).isZero();
    }
  }

  /// Not those of other members; and runtimes are served beside all of them.
  @Test
  void membersWhoSayNothingKeepNobodyWaiting() {
    try (Agent agent = agent()) {
      Running crowd = python("hand_over", "crowd").supervisedAs(MEMBER).start();
      agent.process().awaitError("8 clients of members of the group are being served: process");
      Running others = python("hand_over", "crowd").supervisedAs(OTHER_MEMBER).start();
      agent.process().awaitError("12 clients of members of the group are being served: process");

      Run third = run("--", "true").supervisedAs(new User(4545, GROUP, List.of())).run();
      assertThat(third.err()).isEmpty();
      assertThat(third.status()).isZero();
      assertThat(python("hand_over", "pieces").run().mustSucceed().out()).isEqualTo("4711\n");
      crowd.closeInput();
      others.closeInput();
      agent
          .process()
          .await("places again", () -> run("--", "true").supervisedAs(MEMBER).run().status() == 0);
    }
  }

  /// Nor those who are turned away, whose sockets whoever closes them would wait for.
  @Test
  void strangersKeepNobodyWaitingByWhatTheySend() throws IOException {
    try (Agent agent = agent()) {
      Files.setPosixFilePermissions(agent.socket(), PosixFilePermissions.fromString("rw-rw-rw-"));
      agent.process().stop(); // so that it is sent before it is looked at
      Running stranger = python("hand_over", "turned").supervisedAs(User.ORDINARY).start();
      stranger.awaitOutput("sent");
      agent.process().signal("CONT");
      agent.process().awaitError("of user 4242 is no runtime of ours");

      assertThat(python("hand_over", "pieces").run().mustSucceed().out()).isEqualTo("4711\n");
      stranger.closeInput();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "no-such-group | --group: there is no group 'no-such-group'",
        "-1 | --group: there is no group '-1'",
        "4294967295 | --group: there is no group '4294967295'",
      })
  void aGroupThatIsNoneIsExplained(String group, String complaint) {
    Run run = agentCommand("--group=" + group).run();

    assertThat(run.err()).isEqualTo("sluice: " + complaint + "\n");
    assertThat(run.status()).isEqualTo(2);
  }

  @Test
  void anAgentThatIsNoRootsHasNoGroup() {
    Run run = agentCommand("--group=" + GROUP).supervisedAs(User.ORDINARY).run();

    assertThat(run.err())
        .isEqualTo(
            "sluice: --group is for an agent of root: 'sluice run --agent' obeys no other"
                + " user's\n");
    assertThat(run.status()).isEqualTo(2);
  }

  private Command agentCommand(String option) {
    return sandbox.sluice(
        "agent",
        "--policies",
        sandbox.path("policies").toString(),
        "--socket",
        sandbox.path("agent.sock").toString(),
        option);
  }
}
