package dev.sluice.tests.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.HangingFiles;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// One container that asks for all there is, and others that want little.
final class FairnessTest {
  private static final String OPEN = "openat -100 %s 0";

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  /// The ones that open a FIFO without another end wait for ever, each with a thread of ours.
  private Agent agent(String... options) {
    var all =
        new ArrayList<>(
            List.of(
                "--policy",
                sandbox
                    .policy(
                        "- {on: getppid, return: 4711}",
                        "- {on: \"@open\", when: 'path.glob(\"/nowhere/**\")', deny: EACCES}")
                    .toString()));
    all.addAll(List.of(options));
    return Agent.start(sandbox, all.toArray(String[]::new));
  }

  private Path fifo() {
    sandbox.command("mkfifo", sandbox.path("fifo").toString()).run().mustSucceed();
    return sandbox.path("fifo");
  }

  @Test
  void aContainerCannotTakeMoreThanItsShare() {
    Path fifo = fifo();
    try (Agent agent = agent("--max-pending", "4", "--overload", "EBUSY")) {
      Running flooding = agent.container("flooding", "", "", "getppid,openat");
      Running other = agent.container("other", "", "", "getppid,openat");
      Agent.say(flooding, "busy 4 " + OPEN.formatted(fifo));
      agent.awaitPending(4);

      assertThat(Agent.say(flooding, OPEN.formatted(fifo))).isEqualTo("EBUSY");
      // what needs no worker is decided all the same
      assertThat(Agent.say(flooding, "getppid")).isEqualTo("4711");
      // and others have theirs
      assertThat(Agent.say(other, "getppid")).isEqualTo("4711");
      Agent.say(other, "busy 2 " + OPEN.formatted(fifo));
      agent.awaitPending(6);
    }
  }

  @Test
  void whatIsToWaitGoesOnWhenThereIsRoom() {
    Path fifo = fifo();
    try (Agent agent = agent("--max-pending", "2", "--overload", "wait")) {
      Running flooding = agent.container("flooding", "", "", "getppid,openat");
      Running other = agent.container("other", "", "", "getppid");
      Agent.say(flooding, "busy 2 " + OPEN.formatted(fifo));
      agent.awaitPending(2);
      int before = flooding.out().length();
      flooding.type("getppid\n");

      assertThat(Agent.say(other, "getppid")).isEqualTo("4711");
      assertThat(flooding.out().substring(before)).isEmpty();
      // the other end of the FIFO: both may open it, and the call that waits comes through
      Running writer = sandbox.command("sh", "-c", "exec 3<>fifo; read end").start();
      flooding.await("an answer", () -> flooding.out().substring(before).equals("4711\n"));
      writer.closeInput();
    }
  }

  /// It wants no record lost, and nobody takes any: its calls wait, and those of nobody else.
  @Test
  void whoWaitsForRoomForARecordHoldsUpNobodyElse() {
    sandbox.file("policies/bounded.yaml", "sluice: v1\nrules:\n  - {on: getppid, return: 4711}\n");
    sandbox.file(
        "policies/lossless.yaml",
        "sluice: v1\naudit: { mode: lossless }\nrules:\n  - {on: getppid, return: 4712}\n");
    Path records = fifo();
    // the other end is there, and reads when it is told to
    Running reader =
        sandbox.command("sh", "-c", "exec 3<>fifo; echo open; read go; cat <&3").start();
    reader.awaitOutput("open");
    try (Agent agent =
        Agent.start(
            sandbox,
            "--policies",
            sandbox.path("policies").toString(),
            "--audit",
            records.toString())) {
      Running lossless = agent.container("lossless", "lossless", "", "getppid");
      Running bounded = agent.container("bounded", "bounded", "", "getppid");
      assertThat(Agent.say(bounded, "many 12000 getppid")).isEqualTo("4711");
      int before = lossless.out().length();
      lossless.type("getppid\n");
      assertThat(Agent.say(bounded, "many 1000 getppid")).isEqualTo("4711");
      assertThat(lossless.out().substring(before)).isEmpty();
      reader.type("go\n");
      lossless.await("an answer", () -> lossless.out().substring(before).equals("4712\n"));
      assertThat(Agent.say(lossless, "many 100 getppid")).isEqualTo("4712");
    }
  }

  /// A call that is only to be recorded, whose path lies in a file that the container serves
  /// itself.
  @Test
  @NeedsRoot
  void aPathThatNeverComesHoldsUpNobodyElse() {
    String policy =
        sandbox
            .policy("- {on: getppid, return: 4711}", "- {on: openat, allow: , audit: always}")
            .toString();
    try (var hung = HangingFiles.at(sandbox, "hung");
        Agent agent = Agent.start(sandbox, "--policy", policy)) {
      Running hostile = agent.container("hostile", "", "", "openat");
      Running other = agent.container("other", "", "", "getppid");
      Agent.say(hostile, "own");
      assertThat(Agent.say(hostile, OPEN.formatted("/none"))).isEqualTo("ENOENT");
      hostile.type(OPEN.formatted("@" + sandbox.path("hung/read-x")) + "\n");
      hung.await(1);
      assertThat(Agent.say(other, "getppid")).isEqualTo("4711");
      hung.kill();
      hostile.await("an answer", () -> hostile.out().endsWith("EFAULT\n"));
    }
  }

  /// Whoever floods with calls that are decided at once gets no more than a turn at a time.
  @Test
  void aFloodOfCallsLeavesOthersTheirTurn() {
    try (Agent agent = agent()) {
      Running flooding = agent.container("flooding", "", "", "getppid");
      Agent.say(flooding, "busy 8 getppid");
      for (int i = 0; i < 20; i++) {
        Running other = agent.container("other-" + i, "", "", "getppid");
        assertThat(Agent.say(other, "many 100 getppid")).isEqualTo("4711");
      }
    }
  }
}
