package dev.sluice.tests.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Sandbox;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// `tests/bench/containers`, in its shortest form: its container starts, and its calls are made.
final class ContainersBenchmarkTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  @NeedsRoot
  void everyCallHasFigures() {
    String script = Project.ROOT.resolve("tests/bench/containers").toString();
    String table = sandbox.command(script, "--rounds", "1").run().mustSucceed().out();
    for (String call : new String[] {"mkdir", "mknod", "mount"}) {
      assertThat(table).containsPattern("\\| " + call + " (\\| [0-9.]*[1-9][0-9.]* ){4}\\|");
    }
  }
}
