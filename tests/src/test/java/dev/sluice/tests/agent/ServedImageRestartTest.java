package dev.sluice.tests.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A container of runc(8) has mounted an image that a program of the machine reads (`fuse:`), when
/// the agent that started the program is killed.
@NeedsRoot
final class ServedImageRestartTest {
  private static final String MOUNT =
      "python3 -c 'import ctypes, os; libc = ctypes.CDLL(None, use_errno=True);"
          + " r = libc.mount(b\"/tmp/image\", b\"/run\", b\"squashfs\", 1, None);"
          + " exit(os.strerror(ctypes.get_errno()) if r else 0)'";

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void theContainerGoesOnReadingAndTheProgramEndsWithIt() {
    assumeThat(sandbox.shell("command -v runc squashfuse mksquashfs").run().status()).isZero();
    String policy =
        sandbox
            .policy(
                """
                - on: [mount, fsopen]
                  when: fstype == "squashfs"
                  emulate: { handler: mount, fuse: squashfuse, images: read-only }
                """)
            .toString();
    String script = MOUNT + " && cat /run/file && read line && cat /run/again && umount /run";
    try (Agent agent = Agent.start(sandbox, "--keep", "--policy", policy)) {
      sandbox.file("tree/file", "content\n");
      sandbox.file("tree/again", "content again\n");
      Run made =
          sandbox
              .command(
                  "sh",
                  "-ec",
                  "\"$0\" policy compile --format oci --output profile.json \"$1\";"
                      + " python3 \"$2\" . \"$3\" \"$4\";"
                      + " mksquashfs tree rootfs/tmp/image -quiet -no-progress;"
                      + " chown 100000:100000 rootfs/tmp/image",
                  Project.SCRIPT.toString(),
                  policy,
                  Project.ROOT.resolve("tests/src/test/python/bundle.py").toString(),
                  agent.socket().toString(),
                  script)
              .run();
      assertThat(made.status()).as(made.toString()).isZero();
      String run =
          "if mountpoint -q /sys/fs/cgroup/unified; then umount /sys/fs/cgroup/unified; fi; exec"
              + " runc run "
              + sandbox.directory().getFileName();
      Running container = sandbox.command("unshare", "--mount", "sh", "-c", run).start();
      container.awaitOutput("content\n");

      agent.killAgent();
      container.type("\n");

      assertThat(container.finish().mustSucceed().out()).isEqualTo("content\ncontent again\n");
      awaitEndOfProgram();
    }
  }

  /// Its descriptor 3 is our image.
  private void awaitEndOfProgram() {
    sandbox
        .shell(
            "for pid in /proc/[0-9]*; do case $(readlink $pid/fd/3) in "
                + sandbox.path("rootfs/tmp/image")
                + ") tail --pid=${pid#/proc/} -s 0.05 -f /dev/null ;; esac; done; true")
        .run()
        .mustSucceed();
  }
}
