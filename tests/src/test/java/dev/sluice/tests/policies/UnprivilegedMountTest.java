package dev.sluice.tests.policies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import dev.sluice.tests.harness.User;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `unprivileged-mount`: somebody who is root only in a user namespace of their own mounts images.
@NeedsRoot
final class UnprivilegedMountTest {
  private static final Path POLICY = Project.policy("unprivileged-mount");

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @ParameterizedTest
  @ValueSource(strings = {"ext4", "squashfs"})
  void anImageIsMountedAndStaysReadOnlyAndWithoutDevices(String type) throws IOException {
    makeImage(type);

    assertThat(asNamespaceRoot("image", type).run().lines())
        .as("natively")
        .containsExactly("mount EPERM");
    Run run = asNamespaceRoot("image", type).under(POLICY).run().mustSucceed();

    assertThat(run.lines())
        .containsExactly(
            "mount ok",
            "read ok",
            "content content",
            "create EROFS",
            "write EROFS",
            "device EACCES",
            "remount-rw EPERM",
            "remount-dev EPERM",
            "remount-suid EPERM",
            "remount-file-system-rw EPERM",
            "setattr-rw EPERM",
            "setattr-dev EPERM",
            "setattr-suid EPERM",
            "umount ok");
    assertThat(run.recordsOf("images"))
        .singleElement()
        .matches(record ->
            record.texts("action", "outcome", "class").equals("emulate performed EMULATED"));
    awaitNoLoopDevice();
  }

  @Test
  void anImageThatTheUserMayNotReadIsNotMounted() throws IOException {
    makeImage("squashfs");
    sandbox.shell("chmod 600 image").run().mustSucceed();

    assertThat(asNamespaceRoot("image", "squashfs").under(POLICY).run().lines())
        .containsExactly("mount EACCES");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ext4", "squashfs"})
  void whatIsNoImageIsNotMounted(String type) {
    sandbox.file("image", "no image ".repeat(10_000));
    sandbox.directory("directory");

    assertThat(asNamespaceRoot("image", type).under(POLICY).run().lines())
        .containsExactly("mount EINVAL");
  }

  @Test
  void aTmpfsIsMountedAsItIsNatively() {
    sandbox.directory("directory");
    String script =
        "mount -t tmpfs -o size=64k none directory && echo text > directory/file && "
            + "cat directory/file && umount directory && ls directory";
    Command natively = asNamespaceRoot(List.of("sh", "-c", script));
    Command mediated = asNamespaceRoot(List.of("sh", "-c", script)).under(POLICY);

    assertThat(mediated.run().mustSucceed().out())
        .isEqualTo(natively.run().mustSucceed().out())
        .isEqualTo("text\n");
  }

  private void makeImage(String type) throws IOException {
    sandbox.file("tree/file", "content");
    sandbox.directory("directory");
    sandbox.shell("mknod -m 666 tree/null c 1 3").run().mustSucceed();
    String make =
        type.equals("ext4")
            ? "truncate -s 4M image && mkfs.ext4 -q -d tree image"
            : "mksquashfs tree image -quiet -no-progress";
    assumeThat(sandbox.shell(make + " >/dev/null").run().status())
        .as("mkfs.ext4(8) and mksquashfs(1)")
        .isZero();
    Files.setPosixFilePermissions(
        sandbox.path("image"), PosixFilePermissions.fromString("rw-r--r--"));
  }

  private Command asNamespaceRoot(String program, String type) {
    return asNamespaceRoot(List.of(Project.program(program), type, "image", "directory"));
  }

  private Command asNamespaceRoot(List<String> command) {
    var words = new ArrayList<>(List.of("unshare", "--user", "--map-root-user", "--mount"));
    words.addAll(command);
    return sandbox.command(words.toArray(String[]::new)).as(User.ORDINARY);
  }

  /// The kernel lets go of the image when the last who looks at the device does: others list all.
  private void awaitNoLoopDevice() {
    sandbox
        .shell("while losetup --list --output BACK-FILE | grep -qF \"$PWD/\"; do sleep 0.05; done")
        .run()
        .mustSucceed();
  }
}
