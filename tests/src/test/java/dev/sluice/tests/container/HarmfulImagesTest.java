package dev.sluice.tests.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import dev.sluice.tests.harness.User;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Images that would harm the machine: by what they ask for, or by where they lie.
@NeedsRoot
final class HarmfulImagesTest {
  private static final String MOUNT =
      """
      import ctypes, os, shutil, sys
      libc = ctypes.CDLL(None, use_errno=True)
      def mount(source, target, fstype, flags, options):
          result = libc.mount(source, target, fstype, flags, options)
          return "done" if result == 0 else os.strerror(ctypes.get_errno())
      """;

  private static final String OPTIONS =
      """
      for options in (None, b"errors=continue"):
          assert mount(b"images/ext4", b"/mnt", b"ext4", 1, options) == "done"
          [mounted] = [line for line in open("/proc/self/mountinfo") if " /mnt " in line]
          print([word for word in mounted.split()[-1].split(",") if word.startswith("errors=")])
          libc.umount2(b"/mnt", 0)
      """;

  private static final String JOURNALS =
      """
      print(mount(b"images/ext4", b"/mnt", b"ext4", 1, None))
      for line in open("/proc/self/mountinfo"):
          if " /mnt " in line and "norecovery" in line:
              print("norecovery")
      """;

  private static final String WRITABLE =
      """
      shutil.copy("images/ext4", "/tmp/image")
      print(mount(b"/tmp/image", b"/mnt", b"ext4", 0, None))
      """;

  private static final String MANY =
      """
      import time
      count, result = 0, "done"
      while count < 99 and result == "done":
          place = b"/tmp/%d" % count
          os.mkdir(place)
          result = mount(b"images/ext4", place, b"ext4", 1, None)
          count += result == "done"
      print(count, "mounted")
      print(result)
      libc.umount2(b"/tmp/0", 0)
      for attempt in range(600):
          if mount(b"images/ext4", b"/tmp/0", b"ext4", 1, None) == "done":
              print("one more")
              break
          time.sleep(0.1)
      """;

  /// A user namespace for each, which everybody may make, and has all capabilities in.
  private static final String NAMESPACES =
      """
      import subprocess, sys
      mount = sys.argv[1] + 'print(mount(b"images/ext4", b"/mnt", b"ext4", 1, None), flush=True)'
      namespace = ["unshare", "-Urm", "/usr/bin/python3", "-c", mount + "; sys.stdin.read()"]
      pipes = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
      children = []
      for number in range(3):
          children.append(subprocess.Popen(namespace, **pipes))
          print(children[-1].stdout.readline().strip())
      for child in children:
          child.communicate()
      """;

  private static final String OVERLAYS =
      """
      def try_(image):
          print(mount(image, b"/mnt", b"ext4", 1, None))
          libc.umount2(b"/mnt", 0)
      try_(b"images/ext4")
      for name in ("lower", "overlay"):
          os.mkdir("/tmp/" + name)
      shutil.copy("images/ext4", "/tmp/lower/image")
      try_(b"/tmp/lower/image")
      print(mount(b"none", b"/tmp/overlay", b"overlay", 0, b"lowerdir=/tmp/lower:/mnt"))
      try_(b"/tmp/overlay/image")
      """;

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @BeforeEach
  void makeImage() {
    sandbox.directory("images");
    Run made =
        sandbox
            .shell("truncate -s 8M images/ext4 && mkfs.ext4 -q images/ext4; chmod 644 images/ext4")
            .run();
    assumeThat(made.status()).as("mkfs.ext4(8): " + made.err()).isZero();
  }

  /// What it asks for is never tried: the machine would be gone.
  @Test
  void anImageCannotAskForAPanic() {
    sandbox
        .shell("tune2fs -e panic -E mount_opts=errors=panic images/ext4 >/dev/null 2>&1")
        .run()
        .mustSucceed();

    assertThat(inContainer(OPTIONS).lines())
        .containsExactly("['errors=remount-ro']", "['errors=continue']");
  }

  /// Nor can it have the kernel read a journal from another device of the machine, which it says in
  /// its superblock: here one that has it.
  @Test
  void anImageCannotNameAnotherDevice() {
    String script =
        """
        truncate -s 8M journal && mke2fs -q -O journal_dev -b 1024 journal >&2 &&
        loop=$(losetup --find --show journal) && echo $loop &&
        mkfs.ext4 -q -F -b 1024 -J device=$loop images/ext4
        """;
    Run made = sandbox.shell(script).run();
    try {
      assertThat(made.status()).as("%s", made).isZero();
      assertThat(inContainer(JOURNALS).lines()).containsExactly("done", "norecovery");
      assertThat(inContainer("writable", WRITABLE).lines()).containsExactly("Invalid argument");
    } finally {
      sandbox.shell("losetup -d " + made.out().strip()).run();
    }
  }

  /// The same by the options that a superblock may have.
  @ParameterizedTest
  @ValueSource(strings = {"journal_dev=0x701", "journal_path=/dev/null"})
  void norByItsOptions(String option) {
    sandbox
        .shell("tune2fs -E mount_opts=" + option + " images/ext4 >/dev/null 2>&1")
        .run()
        .mustSucceed();

    assertThat(inContainer(JOURNALS).lines()).containsExactly("done", "norecovery");
    assertThat(inContainer("writable", WRITABLE).lines()).containsExactly("Invalid argument");
  }

  /// Each takes a loop device and memory of the machine's.
  @ParameterizedTest
  @CsvSource({"read-only, 64", "'read-only, most: 2', 2"})
  void aContainerMountsOnlySoMany(String images, int most) {
    assertThat(inContainer(images, MANY).lines())
        .containsExactly(most + " mounted", "No space left on device", "one more");
  }

  @Test
  void norDoesAUserByNamespacesWithoutEnd() {
    String directory = sandbox.path("images").toString();
    Run run =
        sandbox
            .command(
                "/usr/bin/python3", "-c", NAMESPACES.replace("images/", directory + "/"), MOUNT)
            .as(User.ORDINARY)
            .under(policy("read-only, most: 2"))
            .run()
            .mustSucceed();

    assertThat(run.lines()).containsExactly("done", "done", "No space left on device");
  }

  /// An overlay shows nothing of what it lies on, which may be served by whoever mounted it: so
  /// those of the container are refused, and the machine's are not.
  @Test
  void anImageOnAnOverlayIsMountedIfThatIsTheMachines() {
    sandbox
        .shell("mkdir none && mount -t overlay -o lowerdir=images:none none images")
        .run()
        .mustSucceed();
    try {
      assertThat(inContainer(OVERLAYS).lines())
          .containsExactly("done", "done", "done", "Operation not supported");
    } finally {
      // the supervisor has closed all of its files in a moment
      sandbox.shell("umount --lazy images").run().mustSucceed();
    }
  }

  private Run inContainer(String program) {
    return inContainer("read-only", program);
  }

  private Run inContainer(String images, String program) {
    String directory = sandbox.path("images").toString();
    return sandbox
        .command(
            Project.program("container"),
            "-b",
            directory,
            sandbox.directory("container").toString(),
            "python3",
            "-c",
            (MOUNT + program).replace("images/", directory + "/"))
        .under(policy(images))
        .run()
        .mustSucceed();
  }

  private Path policy(String images) {
    return sandbox.policy(
        "- { on: mount, when: fstype == 'ext4', emulate: { handler: mount, images: "
            + images
            + " } }",
        "- { on: mount, allow: }");
  }
}
