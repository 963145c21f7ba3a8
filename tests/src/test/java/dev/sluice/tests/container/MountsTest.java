package dev.sluice.tests.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What the root of a container mounts and unmounts by itself: the same under a policy that looks
/// at it. The cases, C40, C42, C44 and C45, are in `src/test/c/mounts.c`.
@NeedsRoot
final class MountsTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void whatIsPerformedIsWhatTheKernelDoes() {
    Run natively = mounts().run().mustSucceed();
    Run mediated =
        mounts()
            .under(
                sandbox.policy(
                    "- { on: mount, when: fstype == 'no' || target.under('/no'), deny: EACCES }",
                    "- { name: mounts, on: mount, allow: , audit: always }",
                    "- { on: [open_tree, move_mount, pivot_root], allow: }"))
            .run()
            .mustSucceed();

    assertThat(mediated.lines()).isEqualTo(natively.lines());
    assertThat(natively.out()).contains("C40 tmpfs type 1021994", "C44 remount /usr EPERM");
    assertThat(mediated.recordsOf("mounts"))
        .hasSizeGreaterThan(50)
        .allMatch(record -> record.text("class").equals("EMULATED"));
  }

  private Command mounts() {
    sandbox.directory("devices");
    sandbox.shell("test -e devices/fuse || mknod -m 666 devices/fuse c 10 229").run();
    return sandbox.command(
        Project.program("container"),
        "-b",
        Project.ROOT.resolve("tests/target/c").toString(),
        "-b",
        sandbox.path("devices").toString(),
        sandbox.directory("container").toString(),
        Project.program("mounts"),
        sandbox.path("devices/fuse").toString());
  }
}
