package dev.sluice.tests.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import dev.sluice.tests.harness.User;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// SIGKILL, to everybody there is. `tests/soak/run kills` kills more targets.
final class KillsTest {
  private static final int KILLS = 50;
  private static final int MAX_DESCRIPTORS = 2 * 1024 + 256;

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @BeforeEach
  void makeFile() {
    sandbox.file("file", "content");
  }

  @Test
  void whereTheSupervisorIsKilledCallsFailAndNothingHangs() {
    var target = sandbox.program("loop", "file", "3", "4").under(sandbox.lookAtEverything());
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
            .program("loop", "file", "3", "4")
            .as(User.ORDINARY)
            .under(sandbox.lookAtEverything());
    try (Running running = target.start().awaitOutput("looping")) {
      long supervisor = running.supervisorPid();
      int killed = 0;
      while (!running.out().contains("attempts=")) {
        List<Long> workers = children(supervisor, "sluice-worker");
        workers.forEach(KillsTest::kill);
        killed += workers.size();
        running.await("another worker", () -> hasNewWorker(running, supervisor, workers));
      }
      Run run = running.finish();

      assertThat(killed).isGreaterThan(5);
      assertThat(run.status()).isZero();
      assertThat(run.out()).as("EIO at most").containsPattern("opened=\\d+( EIO=\\d+)?\n");
      long failed = Counts.parse(run.lines().getLast()).numbers().getOrDefault("EIO", 0L);
      assertThat(failed)
          .as("of %d killed workers, in the midst of a call", killed)
          .isLessThanOrEqualTo(killed);
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

  private void leavesNothingBehind(Command kills) {
    try (Running running = kills.under(sandbox.lookAtEverything()).start().awaitOutput("ready")) {
      Path descriptors = Path.of("/proc", "" + running.supervisorPid(), "fd");
      running.type("\n");
      running.awaitOutput("over");
      running.await("every file to be closed", () -> !isOpen(descriptors, sandbox.path("file")));
      assertThat(count(descriptors))
          .as("it keeps what it knows of the last thousand threads")
          .isLessThan(MAX_DESCRIPTORS);
      running.type("\n");
      Run run = running.finish();

      assertThat(run.out()).endsWith("killed=%d answered=%d\n".formatted(KILLS, KILLS));
      assertThat(run.status()).isZero();
      assertThat(run.err()).isEmpty();
    }
  }

  private static boolean hasNewWorker(Running running, long supervisor, List<Long> old) {
    return running.out().contains("attempts=")
        || children(supervisor, "sluice-worker").stream().anyMatch(pid -> !old.contains(pid));
  }

  private static List<Long> children(long pid, String name) {
    return ProcessHandle.of(pid)
        .map(ProcessHandle::children)
        .orElse(Stream.empty())
        .filter(child -> child.info().command().orElse("").endsWith(name))
        .map(ProcessHandle::pid)
        .collect(Collectors.toList());
  }

  private static void kill(long pid) {
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
  }

  private static int count(Path directory) {
    String[] names = directory.toFile().list();
    return names == null ? 0 : names.length;
  }

  private static boolean isOpen(Path descriptors, Path file) {
    try (var links = Files.list(descriptors)) {
      return links.anyMatch(link -> leadsTo(link, file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean leadsTo(Path link, Path file) {
    try {
      return Files.readSymbolicLink(link).equals(file);
    } catch (IOException e) {
      return false; // it has been closed since
    }
  }
}
