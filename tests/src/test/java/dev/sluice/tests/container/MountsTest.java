package dev.sluice.tests.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What the root of a container mounts and unmounts by itself: the same under a policy that looks
/// at it. The cases, C40, C42, C44 and C45, are in `src/test/c/mounts/main.c`.
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
                    "- { on: [umount2, move_mount], when: target.under('/no'), deny: EACCES }",
                    "- { on: [fspick, mount_setattr], when: path.under('/no'), deny: EACCES }",
                    "- { name: mounts, on: mount, allow: , audit: always }",
                    "- { name: others, on: [umount2, move_mount, fspick], allow: , audit: always }",
                    "- { on: [fsopen, open_tree, mount_setattr, pivot_root], allow: }"))
            .run()
            .mustSucceed();

    assertThat(known(mediated)).isEqualTo(known(natively));
    assertThat(mediated.lines()).contains("C45 expired twice EAGAIN");
    assertThat(natively.out())
        .contains("C40 tmpfs type 1021994", "C44 remount /usr EPERM")
        .contains("C40 a source that is empty is ''", "C40 a source that is not given is 'none'");
    assertThat(mediated.recordsOf("mounts"))
        .hasSizeGreaterThan(50)
        .allMatch(record -> record.text("class").equals("EMULATED"));
    assertThat(mediated.recordsOf("others"))
        .hasSizeGreaterThan(50)
        .allMatch(record -> record.text("class").equals("EMULATED"));
  }

  /// Whoever may not see where a copy of mounts comes from takes mount(2), which tells.
  @Test
  void aDirectoryIsOpenedAndMountsAreNotCopied() {
    Run natively = trees("natively").run().mustSucceed();
    Run mediated =
        trees("mediated")
            .under(
                sandbox.policy(
                    "- { on: [open_tree, open_tree_attr], when: path.endsWith('/no'), deny: EACCES"
                        + " }"))
            .run()
            .mustSucceed();

    assertThat(natively.lines()).last().isEqualTo("open_tree a copy done");
    assertThat(mediated.lines()).last().isEqualTo("open_tree a copy ENOSYS");
    assertThat(known(mediated)).isEqualTo(known(natively));
  }

  private Command trees(String directory) {
    return sandbox.command(Project.program("mounts"), "trees").in(sandbox.directory(directory));
  }

  /// Without the differences that are known.
  private static List<String> known(Run run) {
    return run.lines().stream()
        .filter(line -> !line.startsWith("C45 expired twice") && !line.startsWith("C45 what is no"))
        .filter(line -> !line.startsWith("open_tree a copy"))
        .toList();
  }

  private Command mounts() {
    sandbox.directory("devices");
    sandbox.shell("test -e devices/fuse || mknod -m 666 devices/fuse c 10 229").run();
    return sandbox.command(
        sandbox.containerWith(
            List.of("devices"),
            Project.program("mounts"),
            sandbox.path("devices/fuse").toString()));
  }
}
