package dev.sluice.tests.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import dev.sluice.tests.harness.User;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// SIGKILL, to everybody there is. `tests/soak/run kills` kills more targets.
final class KillsTest {
  private static final int KILLS = 50;
  private static final int MAX_DESCRIPTORS = 2 * 1024 + 256;

  private static final String CONNECTS =
      """
      import errno, socket
      def connect():
          try:
              with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as it:
                  it.connect(("127.0.0.1", 9))
              return "connected"
          except OSError as e:
              return errno.errorcode[e.errno]
      print("ready", flush=True)
      input()
      answers = [connect() for _ in range(600)]
      print(f"answers: {answers[:1]} * {answers.count(answers[0])}", flush=True)
      input()
      connect()
      """;

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @BeforeEach
  void makeFile() {
    sandbox.file("file", "content");
  }

  @Test
  void whereTheSupervisorIsKilledCallsFailAndNothingHangs() {
    var target = sandbox.program("loop", "file", "10", "4").under(sandbox.lookAtEverything());
    try (Running running = target.start().awaitOutput("looping")) {
      long supervisor = running.supervisorPid();
      Running.signal("KILL", supervisor);

      // by then it opens nothing, and ends by itself
      running.awaitOutput("attempts=");
      assertThat(running.out()).containsPattern("attempts=\\d+ opened=\\d+ ENOSYS=\\d+\n");
      running.awaitStatus();
    }
  }

  @Test
  @NeedsRoot
  void aWorkerThatIsKilledIsReplaced() {
    var target =
        sandbox
            .program("loop", "file", "10", "4")
            .as(User.ORDINARY)
            .under(sandbox.lookAtEverything());
    try (Running running = target.start().awaitOutput("looping")) {
      int killed = 0;
      while (!running.out().contains("attempts=")) {
        List<Long> workers = running.workers();
        workers.forEach(KillsTest::kill);
        killed += workers.size();
        running.await("another worker", () -> hasNewWorker(running, workers));
      }
      Run run = running.finish();

      assertThat(killed).isPositive();
      assertThat(run.status()).isZero();
      assertThat(run.out()).as("EIO at most").containsPattern("opened=\\d+( EIO=\\d+)?\n");
      long failed = Counts.parse(run.lines().getLast()).numbers().getOrDefault("EIO", 0L);
      assertThat(failed)
          .as("of %d killed workers, in the midst of a call", killed)
          .isLessThanOrEqualTo(killed);
    }
  }

  /// Although it has taken on other credentials, and reads nothing before its call comes back.
  @Test
  @NeedsRoot
  void aWorkerThatWaitsEndsWithItsSupervisor() {
    sandbox.shell("mkfifo -m 666 fifo").run().mustSucceed();
    var target = sandbox.command("cat", "fifo").as(User.ORDINARY).under(sandbox.lookAtEverything());
    try (Running running = target.start()) {
      running.await("a worker that waits", () -> running.workers().stream().anyMatch(this::waits));
      List<Long> workers = running.workers();
      Running.signal("KILL", running.supervisorPid());

      running.await(
          "them to end",
          () -> workers.stream().noneMatch(pid -> ProcessHandle.of(pid).isPresent()));
    }
  }

  private boolean waits(long worker) {
    try (var links = Files.list(Path.of("/proc", "" + worker, "fd"))) {
      return links.map(Path::toFile).anyMatch(this::leadsToFifo);
    } catch (IOException e) {
      return false; // it has ended
    }
  }

  private boolean leadsToFifo(File link) {
    try {
      return link.getCanonicalFile().toPath().equals(sandbox.path("fifo"));
    } catch (IOException e) {
      return false; // it has been closed since
    }
  }

  @Test
  void targetsThatAreKilledLeaveNothingBehind() {
    leavesNothingBehind(sandbox.program("kills", "file", "" + KILLS));
  }

  @Test
  @NeedsRoot
  void targetsThatAreKilledLeaveNothingBehindWhereAWorkerOpens() {
    leavesNothingBehind(sandbox.program("kills", "file", "" + KILLS).as(User.ORDINARY));
  }

  /// A supervisor without a descriptor left cannot look at who calls, let alone kill it. It refuses
  /// the call, and more of them than may be open at once.
  @Test
  void whoeverCannotBeKilledIsRefused() {
    Path policy = sandbox.policy("- { on: \"@connect\", when: address.port == 9, kill: process }");
    try (Running running =
        sandbox.command("/usr/bin/python3", "-c", CONNECTS).under(policy).start()) {
      running.awaitOutput("ready");
      prlimit(running.supervisorPid(), 3);
      running.type("\n");
      running.awaitOutput("answers: ['EIO'] * 600");
      prlimit(running.supervisorPid(), MAX_DESCRIPTORS);
      running.type("\n");
      Run run = running.finish();

      assertThat(run.status()).isEqualTo(128 + 9);
    }
  }

  private static void prlimit(long pid, int descriptors) {
    try {
      var prlimit = new ProcessBuilder("prlimit", "--pid=" + pid, "--nofile=" + descriptors + ":");
      assertThat(prlimit.inheritIO().start().waitFor()).isZero();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void leavesNothingBehind(Command kills) {
    try (Running running = kills.under(sandbox.lookAtEverything()).start().awaitOutput("ready")) {
      running.type("\n");
      running.awaitOutput("over");
      running.await("every file to be closed", () -> !running.holds(sandbox.path("file")));
      assertThat(running.descriptors())
          .as("it keeps what it knows of the last thousand threads")
          .isLessThan(MAX_DESCRIPTORS);
      running.type("\n");
      Run run = running.finish();

      assertThat(run.out()).endsWith("killed=%d answered=%d\n".formatted(KILLS, KILLS));
      assertThat(run.status()).isZero();
      assertThat(run.err()).isEmpty();
    }
  }

  private static boolean hasNewWorker(Running running, List<Long> old) {
    return running.out().contains("attempts=")
        || running.workers().stream().anyMatch(pid -> !old.contains(pid));
  }

  private static void kill(long pid) {
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
  }
}
