package dev.sluice.tests.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Signals to callers whose calls nobody has received yet, as the supervisor is stopped. A
/// directory is made once, or its caller knows that it is not.
final class PendingCallsTest {
  private static final int CALLS = 64;
  private static final Pattern READY = Pattern.compile("ready (\\d+)\n");

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  /// C31. That EINTR is possible at all is a known difference: see `transparency.md`.
  @ParameterizedTest
  @ValueSource(strings = {"restart", "interrupt"})
  void whatIsInterruptedBeforeItIsReceivedIsMadeAgainOrNotAtAll(String mode) {
    try (Running running = signalled(mode)) {
      Running.signal("CONT", running.supervisorPid());
      Run run = running.finish().mustSucceed();

      var counts = Counts.of(run);
      assertThat(counts.of("failed")).as("%s", counts).isZero();
      assertThat(counts.of("made") + counts.of("interrupted")).isEqualTo(CALLS);
      assertThat(counts.of("interrupted")).isEqualTo(mode.equals("restart") ? 0 : CALLS);
      assertThat(directories()).isEqualTo(counts.of("made"));
    }
  }

  /// C32
  @Test
  void whoIsKilledEndsAtOnceAndDisturbsNobody() throws IOException {
    try (Running running = signalled("restart")) {
      long target = target(running);
      Running.signal("KILL", target);
      running.await("its end, without the supervisor", () -> isZombie(target));
      Running.signal("CONT", running.supervisorPid());

      assertThat(running.awaitStatus()).isEqualTo(128 + 9);
      assertThat(running.err()).isEmpty();
      assertThat(directories()).isZero();
    }
  }

  /// All calls wait, and their callers have been sent signals; the supervisor is stopped.
  private Running signalled(String mode) {
    Path policy =
        sandbox.policy("- { on: [mkdir, mkdirat], when: path.under('/nowhere'), deny: EACCES }");
    Command pending = sandbox.program("pending", "" + CALLS, mode).under(policy);
    Running running = pending.start().awaitOutput("\n");
    running.stopSupervisor();
    running.type("\n");
    return running.awaitOutput("signalled");
  }

  private static long target(Running running) {
    var ready = READY.matcher(running.out());
    assertThat(ready.find()).isTrue();
    return Long.parseLong(ready.group(1));
  }

  private static boolean isZombie(long pid) {
    return state(pid) == 'Z';
  }

  /// proc_pid_stat(5): behind the name, which is in parentheses.
  private static char state(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc", "" + pid, "stat"));
      return stat.charAt(stat.lastIndexOf(')') + 2);
    } catch (IOException e) {
      throw new AssertionError("there is no process " + pid, e);
    }
  }

  private long directories() {
    String[] names = sandbox.path(".").toFile().list((_, name) -> name.matches("d\\d+"));
    return names.length;
  }
}
