package dev.sluice.tests.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What the root of an unprivileged container can do to those that make its calls for it (C84), to
/// the place where a device is made, and to answers. `tests/soak/run workers` is longer.
@NeedsRoot
final class ContainerAttacksTest {
  private static final int MAX_NEW_DESCRIPTORS = 64;

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void workersAreNotSeenInAnotherPidNamespace() {
    var counts = Counts.of(inContainer("workers", "1").run());

    assertThat(counts.of("control")).isEqualTo(counts.of("ways"));
    assertThat(counts.of("found")).isZero();
    assertThat(counts.of("wins")).isZero();
    assertThat(counts.of("made")).isPositive();
    assertThat(counts.of("failed")).isZero();
  }

  /// Signals are permitted there, as the ids are the same, and make calls fail with EIO.
  @Test
  void workersAreNotReachedInThePidNamespaceTheyShare() {
    Run run = sharingPids("workers", "2").run();
    var counts = Counts.parse(run.lines().getLast());

    assertThat(run.status()).isZero();
    assertThat(counts.of("control")).isEqualTo(counts.of("ways"));
    assertThat(counts.of("attempts")).isGreaterThan(1000);
    assertThat(counts.of("wins")).as("%s", run).isZero();
    assertThat(counts.of("made")).isPositive();
    assertThat(counts.of("lost")).isZero();
  }

  /// What it does to its own workers, nobody else notices: here another container.
  @Test
  void whoSignalsItsWorkersDisturbsNobodyElse() {
    String attack = String.join(" ", sharingPids("workers", "2").words());
    String script =
        """
        { %s >attack 2>/dev/null; touch over; } &
        unshare --user --map-root-user sh -c '
          while [ ! -e over ]; do
            mknod null c 1 3 || exit; rm null; made=$((made + 1))
          done
          echo made=$made' && cat attack
        """
            .formatted(attack);
    Run run = sandbox.shell(script).under(Project.policy("unprivileged-container")).run();

    assertThat(run.status()).as("%s", run).isZero();
    assertThat(Counts.parse(run.lines().getFirst()).of("made")).isPositive();
    assertThat(Counts.parse(run.lines().getLast()).of("signals")).isPositive();
  }

  /// C20, and whatever else makes a path lead elsewhere.
  @Test
  void noDeviceIsMadeWhereItMayNotBe() {
    Run run = inContainer("swaps", "1").run();
    var counts = Counts.of(run);

    assertThat(run.lines()).hasSize(5).noneMatch(line -> line.endsWith(" made=0"));
    assertThat(counts.of("swaps")).isGreaterThan(100);
    assertThat(counts.of("wins")).isZero();
  }

  /// Not even a FIFO in the place of what is made to find out whether devices can be opened there.
  @Test
  void nothingIsOpenedInThePlaceOfATrial() {
    var counts = Counts.of(inContainer("trials", "50").run());

    assertThat(counts.of("swaps")).as("%s", counts).isGreaterThan(50);
    assertThat(counts.of("killed")).as("%s", counts).isZero();
  }

  /// C12; `tests/soak/run replies` makes a thousand calls each.
  @Test
  void everyReplyIsThatOfItsThread() {
    var counts = Counts.of(inContainer("replies", "200", "25").run());

    assertThat(counts.of("calls")).isEqualTo(5_000);
    assertThat(counts.of("wrong")).isZero();
  }

  /// C22
  @Test
  void whoGetsTheNumberOfOneThatWasKilledGetsNothingOfItsCall() {
    var counts = Counts.of(inContainer("reuse", "100").run());

    assertThat(counts.of("reused")).isGreaterThan(50);
    assertThat(counts.of("wins")).isZero();
  }

  /// C30, and C83 for one container.
  @Test
  void devicesAreMadeOnceInAStormOfSignals() {
    for (String mode : List.of("restart", "interrupt")) {
      try (Running running = inContainer("mknods", mode, "300", "300").start()) {
        running.awaitOutput("mknods=");
        int descriptors = running.descriptors();
        running.type("\n");
        running.await("the second half", () -> running.out().lines().count() == 2);
        assertThat(running.descriptors()).isLessThan(descriptors + MAX_NEW_DESCRIPTORS);
        running.type("\n");
        var counts = Counts.of(running.finish());

        assertThat(counts.of("signals")).as("%s", counts).isGreaterThan(20);
        assertThat(counts.of("made")).as("%s", counts).isEqualTo(300);
        assertThat(counts.of("failed")).as("%s", counts).isZero();
        assertThat(counts.of("doubled")).as("%s", counts).isZero();
        assertThat(counts.of("lost")).as("%s", counts).isZero();
      }
    }
  }

  /// C30, of what could be done twice without anybody noticing.
  @Test
  void fileSystemsAreMountedOnceInAStormOfSignals() {
    Path policy =
        sandbox.policy(
            "- { on: [mount, umount2], when: target.under('/nowhere'), deny: EACCES }",
            "- { on: [open_tree, move_mount, pivot_root], allow: }");
    for (String mode : List.of("restart", "interrupt")) {
      var words = List.of(Project.program("mknods"), "-m", mode, "300");
      Run run = sandbox.container(words.toArray(String[]::new)).under(policy).run();
      var counts = Counts.of(run);

      assertThat(counts.of("signals")).as("%s", counts).isGreaterThan(20);
      assertThat(counts.of("made")).as("%s", counts).isEqualTo(300);
      assertThat(counts.of("failed")).as("%s", counts).isZero();
      assertThat(counts.of("doubled")).as("%s", counts).isZero();
      assertThat(counts.of("lost")).as("%s", counts).isZero();
    }
  }

  /// C80
  @Test
  void withoutASupervisorDevicesFailWithEnosys() {
    String script = "while mknod /tmp/null c 1 3; do rm /tmp/null; echo made; done";
    try (Running running =
        under(sandbox.container("sh", "-c", script)).start().awaitOutput("made")) {
      Running.signal("KILL", running.supervisorPid());

      running.awaitError("Function not implemented");
    }
  }

  private Command inContainer(String program, String... arguments) {
    var words = new ArrayList<>(List.of(Project.program(program)));
    words.addAll(List.of(arguments));
    return under(sandbox.container(words.toArray(String[]::new)));
  }

  private Command sharingPids(String program, String... arguments) {
    var words = new ArrayList<>(inContainer(program, arguments).words());
    words.add(1, "-p");
    return under(sandbox.command(words));
  }

  private static Command under(Command command) {
    return command.under(Project.policy("unprivileged-container"));
  }
}
