package dev.sluice.tests.mediation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Cgroup;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What stops or ends a target stops or ends it at once, although its call waits for somebody: a
/// truncate of a file that another process has a lease on.
final class PendingChangeTest {
  private static final Pattern PID = Pattern.compile("pid (\\d+)\\.");

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  private Path file = Path.of("");

  @BeforeEach
  void makeFile() {
    file = sandbox.file("file", "content");
  }

  @Test
  void whoIsKilledLeavesNeitherCallNorWorkerNorDescriptor() {
    try (Running holder = hold();
        Running running = truncate("")) {
      holder.awaitOutput("asked");
      // and one that rests, perhaps, if this one was started while that was still busy
      assertThat(running.workers()).isNotEmpty();
      Running.signal("KILL", pid(running));
      running.awaitOutput("ended 137");
      running.await("the worker to end", () -> running.workers().isEmpty());
      running.await("the file to be let go", () -> !running.holds(file));
      mustGoOn(running);
      assertThat(file).hasContent("content");
    }
  }

  @Test
  void whoIsStoppedStopsAndGoesOn() throws IOException {
    stopsAndGoesOn("");
  }

  @Test
  void aThreadStopsWithItsProcessAndGoesOn() throws IOException {
    stopsAndGoesOn("thread");
  }

  /// The first thread, which is asked whether the process is being stopped, never will be.
  @Test
  void theLastThreadOfAProcessWhoseFirstHasEndedStopsAndGoesOn() throws IOException {
    stopsAndGoesOn("alone");
  }

  private void stopsAndGoesOn(String thread) throws IOException {
    try (Running holder = hold();
        Running running = truncate(thread)) {
      holder.awaitOutput("asked");
      long pid = pid(running);
      Running.signal("STOP", pid);
      running.await("every thread to be stopped", () -> isStopped(pid));
      Running.signal("CONT", pid);
      holder.type("\n");
      running.awaitOutput("ended 0");
      assertThat(running.out()).contains("truncated: 0");
      assertThat(file).hasContent("con");
      mustGoOn(running);
    }
  }

  @Test
  @NeedsRoot
  void aFrozenGroupFreezesAndGoesOn() throws IOException {
    try (var group = Cgroup.make();
        Running holder = hold();
        Running running = truncate("")) {
      holder.awaitOutput("asked");
      group.add(pid(running));
      group.freeze(true);
      running.await("the group to be frozen", group::isFrozen);
      group.freeze(false);
      holder.type("\n");
      running.awaitOutput("ended 0");
      assertThat(running.out()).contains("truncated: 0");
      assertThat(file).hasContent("con");
      mustGoOn(running);
    }
  }

  @Test
  @NeedsRoot
  void whoIsKilledInAFrozenGroupLeavesNothing() throws IOException {
    try (var group = Cgroup.make();
        Running holder = hold();
        Running running = truncate("")) {
      holder.awaitOutput("asked");
      group.add(pid(running));
      group.freeze(true);
      running.await("the group to be frozen", group::isFrozen);
      Running.signal("KILL", pid(running));
      running.awaitOutput("ended 137");
      running.await("the file to be let go", () -> !running.holds(file));
      mustGoOn(running);
      assertThat(file).hasContent("content");
    }
  }

  private Running hold() {
    return sandbox.program("leases", "file").start().awaitOutput("leased");
  }

  /// Has a program truncate the file, and then waits for a line to make another change.
  private Running truncate(String option) {
    String truncates = Project.program("truncates") + " file " + option;
    return sandbox
        .shell(truncates + "; echo ended $?; read line; mkdir after && echo after")
        .under(sandbox.lookAtEverything())
        .start()
        .awaitOutput("pid ");
  }

  private static long pid(Running running) {
    running.await("its pid", () -> PID.matcher(running.out()).find());
    Matcher pid = PID.matcher(running.out());
    assertThat(pid.find()).isTrue();
    return Long.parseLong(pid.group(1));
  }

  private static boolean isStopped(long pid) {
    try (var tasks = Files.list(Path.of("/proc", "" + pid, "task"))) {
      return tasks.allMatch(PendingChangeTest::hasStoppedOrEnded);
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean hasStoppedOrEnded(Path task) {
    try {
      String status = Files.readString(task.resolve("status"));
      return status.contains("State:\tT") || status.contains("State:\tZ");
    } catch (IOException e) {
      return false;
    }
  }

  private static void mustGoOn(Running running) {
    running.type("\n");
    Run run = running.finish();
    assertThat(run.out()).endsWith("after\n");
    assertThat(run.status()).isZero();
    assertThat(run.err()).as("what a shell says at most").isIn("", "Killed\n");
  }
}
