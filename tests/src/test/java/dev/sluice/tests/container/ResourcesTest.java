package dev.sluice.tests.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.LimitedCgroup;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What a container with limits is told of the machine: C52, and the files that say the same.
@NeedsRoot
final class ResourcesTest {
  private static final Path POLICY = Project.policy("container-resources");
  private static final long MEMORY = 123L << 20;

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void sysinfoTellsTheLimits() throws IOException {
    try (var limits = LimitedCgroup.make(MEMORY, 1)) {
      assertThat(in(limits, Project.program("resources")).run().mustSucceed().lines())
          .as("natively")
          .noneMatch(line -> line.contains("total " + MEMORY));
      Path both =
          sandbox.file("both.yaml", Files.readString(POLICY) + "architectures: [x86_64, i386]\n");
      Run run = in(limits, Project.program("resources")).under(both).run().mustSucceed();

      assertThat(run.lines())
          .containsSubsequence(
              "total " + MEMORY + ", in use some, swap 0, younger than a minute yes",
              "no buffer: EFAULT");
      assertThat(run.lines())
          .filteredOn(line -> line.startsWith("i386"))
          .as("where the machine has i386")
          .isSubsetOf("i386: 0, total " + MEMORY + " in units of 4096");
    }
  }

  @Test
  void filesTellTheLimits() throws IOException {
    String script =
        """
        grep MemTotal /proc/meminfo
        grep -c ^processor /proc/cpuinfo
        grep -c '^cpu[0-9]' /proc/stat
        cat /sys/devices/system/cpu/online
        cut -d. -f1 /proc/uptime | grep -c '^..\\?$'
        wc -l < /proc/swaps
        cut -d' ' -f5 /proc/loadavg | grep -c '^..\\?$'
        """;
    try (var limits = LimitedCgroup.make(MEMORY, 0.5)) {
      Run run = in(limits, "sh", "-c", script).under(POLICY).run().mustSucceed();

      assertThat(run.lines())
          .containsExactly("MemTotal:         125952 kB", "1", "1", "0", "1", "1", "1");
    }
  }

  @Test
  void toolsBelieveThem() throws IOException {
    try (var limits = LimitedCgroup.make(MEMORY, 1)) {
      Run run = in(limits, "free", "-b").under(POLICY).run().mustSucceed();

      assertThat(run.lines().get(1)).matches("Mem: +" + MEMORY + " .*");
    }
  }

  @Test
  void whoHasNoLimitsIsToldOfTheMachine() throws IOException {
    String script = "grep MemTotal /proc/meminfo; grep -c ^processor /proc/cpuinfo";
    Run natively = sandbox.container("sh", "-c", script).run().mustSucceed();
    Run mediated = sandbox.container("sh", "-c", script).under(POLICY).run().mustSucceed();

    assertThat(mediated.out()).isEqualTo(natively.out());
  }

  private Command in(LimitedCgroup limits, String... command) {
    String container = String.join(" ", sandbox.container().words());
    var words = new ArrayList<>(List.of("sh", "-c"));
    words.add(limits.enter() + "exec " + container + " \"$@\"");
    words.add("sh");
    words.addAll(List.of(command));
    return sandbox.command(words);
  }
}
