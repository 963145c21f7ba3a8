package dev.sluice.tests.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Images that a container's root mounts, and a program of the machine reads (`fuse:`).
@NeedsRoot
final class ServedImagesTest {
  private static final List<String> WHAT_IT_SEES =
      List.of(
          "mount done",
          "type 65735546", // FUSE_SUPER_MAGIC
          "read done",
          "content content",
          "status done",
          "owner 0",
          "open of a device EACCES",
          "write EROFS",
          "umount done",
          "umount EINVAL");

  @RegisterExtension final Sandbox sandbox = new Sandbox();
  private int containers;

  /// A rule of its policy.
  private String byPath = "- { on: mount, allow: }";

  @BeforeEach
  void makeImages() {
    sandbox.file("tree/file", "content");
    sandbox.directory("images");
    Run made =
        sandbox
            .shell(
                "command -v fuse2fs squashfuse && mknod -m 666 tree/null c 1 3"
                    + " && truncate -s 8M images/ext4 && mkfs.ext4 -q -d tree images/ext4"
                    + " && mksquashfs tree images/squashfs -quiet -no-progress"
                    + " && echo no image > images/text && chown 100000:100000 images/*")
            .run();
    assumeThat(made.status()).as("fuse2fs, squashfuse and images: " + made.err()).isZero();
  }

  @Test
  void theContainerReadsWhatTheProgramServes() {
    for (String type : List.of("ext4", "squashfs")) {
      assertThat(served("read-only", type, type).lines()).as(type).isEqualTo(WHAT_IT_SEES);
    }
  }

  /// Files that only the container may ask the status of, and not the supervisor.
  @Test
  void whatItReadsMayBeDecidedByPath() {
    byPath =
        "- { on: ['@open', '@stat'], when: path.endsWith('/no'), deny: EIO }\n"
            + "- { on: [mount, open_tree, move_mount, pivot_root], allow: }";
    assertThat(served("read-only", "ext4", "ext4").lines()).isEqualTo(WHAT_IT_SEES);
  }

  /// The program writes when the file system has been unmounted, at its own time.
  @Test
  void whatIsWrittenIsInTheImage() {
    String script =
        "cp "
            + images()
            + "/ext4 image && "
            + Project.program("served")
            + " ext4 image"
            + " && until [ \"$(debugfs -R 'cat new' image 2>/dev/null)\" = new ]; do :; done";
    assertThat(contained("writable", "sh", "-c", script).lines())
        .contains("write done", "umount done");
  }

  /// Somebody who is root in a user namespace, and still in the machine's mount namespace.
  @Test
  void nothingIsMountedWhereTheCallerMayNot() throws IOException {
    sandbox.directory("mounted");
    List<String> words = List.of("unshare", "-r", Project.program("served"), "ext4", "images/ext4");
    Run natively = sandbox.command(words).run();
    Run mediated =
        sandbox.command(words).under(sandbox.policy(rule("ext4", "fuse2fs", "read-only"))).run();

    assertThat(natively.lines()).containsExactly("mount EPERM");
    assertThat(mediated.lines()).containsExactly("mount EPERM");
    assertThat(Files.readString(Path.of("/proc/self/mountinfo")))
        .as("what the machine has mounted")
        .doesNotContain(sandbox.path("mounted").toString());
    awaitEndOfServers();
  }

  @Test
  void theProgramEndsWithTheContainer() {
    assertThat(served("read-only", "squashfs", "squashfs", "stay").lines()).contains("read done");
    awaitEndOfServers();
  }

  @Test
  void whatIsNoImageIsRefusedAndSoIsAnOption() {
    assertThat(served("read-only", "ext4", "text").out()).isEqualTo("mount EINVAL\n");
    assertThat(served("read-only", "ext4", "ext4", "option").out()).isEqualTo("mount EINVAL\n");
    assertThat(served("read-only", "xfs", "text").out())
        .as("its program is not there")
        .isEqualTo("mount ENODEV\n");
    awaitEndOfServers();
  }

  /// Of those that have one of our images as their descriptor 3.
  private void awaitEndOfServers() {
    sandbox
        .shell(
            "for pid in /proc/[0-9]*; do case $(readlink $pid/fd/3) in "
                + images()
                + "/*) tail --pid=${pid#/proc/} -s 0.05 -f /dev/null ;; esac; done; true")
        .run()
        .mustSucceed();
  }

  private String images() {
    return sandbox.path("images").toString();
  }

  private Run served(String how, String type, String image, String... more) {
    var words = new ArrayList<>(List.of(Project.program("served"), type, images() + "/" + image));
    words.addAll(List.of(more));
    return contained(how, words.toArray(String[]::new));
  }

  private Run contained(String how, String... command) {
    var words = new ArrayList<>(List.of(Project.program("container")));
    words.addAll(List.of("-b", Project.ROOT.resolve("tests/target/c").toString()));
    words.addAll(List.of("-b", images()));
    words.add(sandbox.directory("container-" + containers++).toString());
    words.addAll(List.of(command));
    return sandbox
        .command(words.toArray(String[]::new))
        .under(
            sandbox.policy(
                rule("ext4", "fuse2fs", how),
                rule("squashfs", "squashfuse", how),
                rule("xfs", "no-such-program", how),
                byPath))
        .run()
        .mustSucceed();
  }

  private static String rule(String type, String program, String how) {
    return """
    - name: %s
      on: [mount, fsopen]
      when: fstype == "%1$s"
      emulate: { handler: mount, fuse: %s, images: %s }
    """
        .formatted(type, program, how);
  }
}
