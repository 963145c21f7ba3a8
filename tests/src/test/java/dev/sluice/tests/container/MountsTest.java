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
  /// Three of namespaces, and twice as many for each of pivot_root, chroot and thread.
  private static final int COMBINATIONS = 3 * 2 * 2 * 2;

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

  /// C44: unshare(2), of a mount namespace or a user namespace too, pivot_root(2) and chroot(2) in
  /// all combinations, by the first thread and by another.
  @Test
  void whatIsReadOnlyStaysSoWhateverRootAndNamespacesACallerHas() {
    Run natively = mounts("stays").run().mustSucceed();
    Run mediated =
        mounts("stays")
            .under(
                sandbox.policy(
                    "- { on: mount, when: fstype == 'no' || target.under('/no'), deny: EACCES }",
                    "- { on: umount2, when: target.under('/no'), deny: EACCES }",
                    "- { on: mount_setattr, when: path.under('/no'), deny: EACCES }",
                    "- { name: mounts, on: [mount, umount2], allow: , audit: always }",
                    "- { on: [open_tree, move_mount, mount_setattr, pivot_root], allow: }"))
            .run()
            .mustSucceed();

    assertThat(mediated.differencesFrom(natively)).isEmpty();
    assertThat(natively.lines())
        .filteredOn(line -> line.matches(".*: (remount usr.*|remount the bind|remount that) .*"))
        .hasSize(COMBINATIONS * 4)
        .allMatch(line -> line.endsWith(" EPERM"));
    assertThat(natively.lines())
        .filteredOn(line -> line.matches(".*: (and back|one more|mount over it) .*"))
        .hasSize(COMBINATIONS * 3)
        .allMatch(line -> line.endsWith(" done"));
    assertThat(natively.lines())
        .filteredOn(line -> line.contains(": unmount the old root "))
        .hasSize(COMBINATIONS / 2)
        .allMatch(line -> line.endsWith(" done"));
    assertThat(mediated.recordsOf("mounts"))
        .hasSizeGreaterThan(COMBINATIONS * 20)
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
    return mounts(sandbox.path("devices/fuse").toString());
  }

  private Command mounts(String what) {
    sandbox.directory("devices");
    return sandbox.command(
        sandbox.containerWith(List.of("devices"), Project.program("mounts"), what));
  }
}
