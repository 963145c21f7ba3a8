package dev.sluice.tests.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What containers that have ended leave behind in a supervisor that goes on: nothing (C83).
/// `tests/soak/run containers` is longer.
@NeedsRoot
final class EndedContainersTest {
  private static final Path POLICY = Project.policy("unprivileged-container");

  /// A leak in each container would be more.
  private static final int MAX_NEW_DESCRIPTORS = 50;

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void neitherWorkersNorDescriptors() {
    String container =
        String.join(" ", sandbox.container("sh", "-c", "'mknod /tmp/a c 1 3'").words());
    String script =
        """
        many() { for i in $(seq 100); do %s || exit; done; echo $1; read go; }
        many half; many whole
        """
            .formatted(container);
    try (Running running = sandbox.shell(script).under(POLICY).start()) {
      running.awaitOutput("half");
      int descriptors = running.descriptors();
      running.type("\n");
      running.awaitOutput("whole");
      running.await("the workers to end", () -> running.workers().isEmpty());

      assertThat(running.descriptors()).isLessThan(descriptors + MAX_NEW_DESCRIPTORS);
      running.type("\n");
      assertThat(running.finish().status()).isZero();
    }
  }

  /// What it has mounted is free for others.
  @Test
  void norWhatTheyHaveMounted() {
    Path images = sandbox.directory("images");
    Run made = sandbox.shell("truncate -s 8M images/ext4 && mkfs.ext4 -q images/ext4").run();
    assumeThat(made.status()).as("an image: " + made.err()).isZero();
    String mount =
        "import ctypes, sys; sys.exit(ctypes.CDLL(None).mount(b'%s/ext4', b'/mnt', b'ext4', 0, None))"
            .formatted(images);
    String script =
        "%s -b %s %s /usr/bin/python3 -c \"%s\" && echo mounted && read go"
            .formatted(Project.program("container"), images, sandbox.directory("root"), mount);
    try (Running running = sandbox.shell(script).under(POLICY).start()) {
      running.awaitOutput("mounted");

      running.await("the image to be free", () -> loopDevices().isEmpty());
      running.type("\n");
      assertThat(running.finish().status()).isZero();
    }
  }

  private String loopDevices() {
    return sandbox.shell("losetup --associated images/ext4").run().mustSucceed().out();
  }
}
