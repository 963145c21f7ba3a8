package dev.sluice.tests.mediation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A supervisor that may not have many descriptors (RLIMIT_NOFILE), and remembers each process by
/// two of them.
final class FewDescriptorsTest {
  /// What a supervisor needs that has nothing to do, and some.
  private static final int FEW = 256;

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @BeforeEach
  void makeFile() {
    sandbox.file("file", "content\n");
  }

  @Test
  void moreProcessesThanItHasDescriptorsForMakeCalls() {
    String out =
        sandbox
            .shell(
                "for i in $(seq " + FEW + "); do cat file || echo $i failed; done | sort | uniq -c")
            .under(sandbox.lookAtEverything())
            .withDescriptors(FEW)
            .run()
            .mustSucceed()
            .out();

    assertThat(out.strip()).isEqualTo(FEW + " content");
  }

  /// Whatever has taken them.
  @Test
  @NeedsRoot
  void whereNoneIsLeftToLookAtAProcessOthersAreForgotten() {
    try (Running shell = sandbox.shell("sh").under(sandbox.lookAtEverything()).start()) {
      shell.type("for i in $(seq 30); do cat file; done; echo remembered\n");
      shell.awaitOutput("remembered");
      long pid = shell.supervisorPid();
      shell.await("it to be at rest", () -> descriptors(pid).equals(descriptors(pid)));
      int most = descriptors(pid).stream().max(Integer::compare).orElseThrow() + 1;
      sandbox.shell("prlimit --pid " + pid + " --nofile=" + most + ":").run().mustSucceed();
      // the last ones may suffice for a look, and for no more
      shell.type("for i in $(seq 30); do until cat file >read; do :; done; done; echo all read\n");
      shell.awaitOutput("all read");
    }
  }

  private static Set<Integer> descriptors(long pid) {
    try (var open = Files.list(Path.of("/proc", "" + pid, "fd"))) {
      return open.map(each -> Integer.valueOf(each.getFileName().toString()))
          .collect(Collectors.toSet());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
