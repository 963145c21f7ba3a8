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
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Images of file systems, mounted for the root of a container. The cases, C40 to C43, are in
/// `src/test/c/images.c`.
@NeedsRoot
final class ImagesTest {
  private static final List<String> ONE_TYPE =
      """
      mount done
      flags 7
      content content
      root of 0:0
      of-1000 of 1000:1000
      create EROFS
      write EROFS
      device EACCES
      remount rw EPERM
      remount dev EPERM
      remount suid EPERM
      remount the file system EPERM
      clear ro EPERM
      clear nodev EPERM
      clear nosuid EPERM
      clear nodev of a bind EPERM
      clear nodev of a copy EPERM
      umount done
      """
          .lines()
          .toList();

  private static final String ARGUMENTS =
      """
      C40 read-only done
      C40 with magic done
      C40 nosymfollow done
      C40 noatime, noexec done
      C40 relative done
      C40 a link done
      C40 /proc/self/cwd done
      C40 no source EINVAL
      C40 an empty source EINVAL
      C40 nothing ENOENT
      C40 a directory ENOTBLK
      C40 a device ENOTBLK
      C40 no image EINVAL
      C40 another type EINVAL
      C40 secret image EACCES
      C40 on a file ENOTDIR
      C40 on nothing ENOENT
      C41 noload done
      C41 ro,errors=continue done
      C41 errors=panic EINVAL
      C41 journal_path EINVAL
      C41 ro,errors=panic EINVAL
      C41 unknown EINVAL
      C41 a comma done
      C42 root done
      C42 root without CAP_SYS_ADMIN EPERM
      C42 root without CAP_DAC_* EACCES
      C42 a user with both done
      C42 a user EACCES
      C42 in a mount namespace below done
      C42 in a user namespace below EPERM
      """;

  private static final String CONTEXTS =
      """
      C43 what there is not ENODEV
      C43 an unknown flag EINVAL
      C43 no type EFAULT
      C43 a second source EINVAL
      C43 a flag with a value EINVAL
      C43 ro done
      C43 errors=panic EINVAL
      C43 errors=continue done
      C43 journal_path EINVAL
      C43 not created EINVAL
      C43 create done
      C43 create again EBUSY
      C43 too late EBUSY
      C43 reconfigure EBUSY
      C43 an unknown attribute EINVAL
      C43 fsmount in a user namespace below EPERM
      C43 fsmount done
      C43 clear before it is attached EPERM
      C43 device before it is attached EACCES
      C43 move_mount done
      C43 root of 0:0
      C43 pick done
      C43 reconfigure EPERM
      C43 create EROFS
      C43 write EROFS
      C43 device EACCES
      C43 remount rw EPERM
      C43 remount dev EPERM
      C43 remount suid EPERM
      C43 remount the file system EPERM
      C43 clear ro EPERM
      C43 clear nodev EPERM
      C43 clear nosuid EPERM
      C43 clear nodev of a bind EPERM
      C43 clear nodev of a copy EPERM
      C43 umount done
      C43 an empty source EINVAL
      C43 no image EINVAL
      C43 secret image EACCES
      C43 its own done
      C43 its own done
      C43 umount done
      C43 its processes are its own done
      C43 umount done
      """;

  private static final String WRITABLE =
      """
      writable mount done
      writable create done
      writable new of 0:0
      writable make a device EPERM
      writable device EACCES
      writable clear nodev EPERM
      writable clear nosuid EPERM
      writable umount done
      writable read-only done
      writable it is there done
      writable create EROFS
      writable umount done
      writable what may only be read EACCES
      """;

  private static final String SUBVOLUMES =
      """
      btrfs by default done
      btrfs content content
      btrfs by its name done
      btrfs content inner
      btrfs by its name, from the root done
      btrfs content inner
      btrfs by its number done
      btrfs content inner
      btrfs what there is not ENOENT
      btrfs what is outside ENOENT
      btrfs no number EINVAL
      btrfs another device EINVAL
      btrfs degraded EINVAL
      btrfs in a context done
      btrfs another device EINVAL
      btrfs content inner
      """;

  @RegisterExtension final Sandbox sandbox = new Sandbox();
  private final List<String> loops = new ArrayList<>();

  @ParameterizedTest
  @ValueSource(strings = {"ext4", "xfs", "btrfs", "squashfs", "erofs"})
  void anImageIsMountedAndStaysReadOnlyAndWithoutDevices(String type) throws IOException {
    make(type, type + ".image");

    Run run = images("read-only");

    assertThat(run.lines().stream().filter(line -> line.startsWith(type + " ")))
        .containsExactlyElementsOf(ONE_TYPE.stream().map(line -> type + " " + line).toList());
    awaitNoLoopDevice();
  }

  /// The kernel lets go of the image when the last who looks at the device does: others list all.
  private void awaitNoLoopDevice() {
    sandbox
        .shell("while losetup --list --output BACK-FILE | grep -qF \"$PWD/\"; do sleep 0.05; done")
        .run()
        .mustSucceed();
  }

  /// As an agent in a pod has one: the kernel shows no devices there that come later.
  @Test
  void devMayBeOneWithoutLoopDevices() throws IOException {
    make("ext4", "ext4.image");
    String script =
        """
        mount --make-rprivate / && mount -t tmpfs -o mode=755 none /dev && cd /dev &&
        mknod -m 666 null c 1 3 && mknod -m 666 zero c 1 5 && mknod -m 666 full c 1 7 &&
        mknod -m 666 random c 1 8 && mknod -m 666 urandom c 1 9 && mknod -m 666 tty c 5 0 &&
        mknod -m 600 loop-control c 10 237 && cd "$OLDPWD" && "$@" && ls /dev >&2
        """;
    var words = new ArrayList<>(List.of("unshare", "--mount", "sh", "-c", script, "sh"));
    words.addAll(List.of(Project.SCRIPT.toString(), "run", "--policy"));
    words.add(policy("read-only").toString());
    words.add("--");
    words.addAll(container());

    Run run = sandbox.command(words).run();

    assertThat(run.lines()).as("%s", run).contains("ext4 content content");
    assertThat(run.err()).containsPattern("(?m)^loop\\d+$");
  }

  @Test
  void argumentsOptionsAndCapabilitiesCountAsTheyDoForTheHostsRoot() throws IOException {
    make("ext4", "ext4.image");
    sandbox.shell("cp ext4.image images/secret.image; chmod 600 images/secret.image").run();
    sandbox.file("images/text", "no image ".repeat(10_000));

    Run run = images("read-only");

    assertThat(run.lines().stream().filter(line -> line.startsWith("C4")))
        .containsExactlyElementsOf((ARGUMENTS + CONTEXTS).lines().toList());
  }

  @Test
  void anImageIsWrittenToIfThePolicyAndItsOwnerSaySo() throws IOException {
    make("ext4", "writable.image");
    sandbox
        .shell(
            """
            cp writable.image images/ext4.image
            mkfs.ext4 -q -F -E root_owner=0:0 -d tree images/writable.image
            """)
        .run();

    assertThat(images("writable").out()).isEqualTo(WRITABLE);
  }

  /// C41
  @Test
  void aSubvolumeOfBtrfsIsMountedAndNothingElseOfIt() throws IOException {
    make("btrfs", "subvolumes.image");
    String script =
        """
        mkdir m && unshare -m sh -c 'mount -o loop images/subvolumes.image m \
          && btrfs subvolume create m/below >/dev/null && printf inner >m/below/file && umount m'
        """;
    sandbox.shell(script).run().mustSucceed();

    assertThat(images("read-only").out()).isEqualTo(SUBVOLUMES);
  }

  /// By their numbers, with the node being the container's to find (C40, C41, C43).
  @Test
  void aBlockDeviceIsMountedIfThePolicyNamesIt() throws IOException {
    make("ext4", "ext4.image");
    String named = loop("named", 666);
    String secret = loop("secret", 600);
    loop("other", 666);

    Run run = images("read-only, devices: '%s, %s'".formatted(named, secret));

    assertThat(run.lines().stream().filter(line -> line.startsWith("device ")))
        .containsExactlyElementsOf(
            Stream.concat(
                    ONE_TYPE.stream(),
                    Stream.of(
                        "with an option EINVAL",
                        "of another type EINVAL",
                        "that is not named EPERM",
                        "of root's EACCES",
                        "create done",
                        "root of 0:0",
                        "create EPERM"))
                .map(line -> "device " + line)
                .toList());
  }

  @Test
  void aBlockDeviceIsWrittenToUnlessTheMachineHasMountedIt() throws IOException {
    make("ext4", "ext4.image");
    String named = loop("named", 666);
    String used = loop("used", 666);
    sandbox.directory("mounted");
    sandbox.shell("mount %s mounted".formatted(loops.getLast())).run().mustSucceed();

    Run run = images("writable, devices: '%s, %s'".formatted(named, used));

    assertThat(run.lines())
        .containsExactly(
            "writable device in use EBUSY",
            "writable device mount done",
            "writable device create done",
            "writable device new of 0:0");
    assertThat(sandbox.shell("debugfs -R 'ls /' " + loops.getFirst()).run().out())
        .as("what is on the device")
        .contains("new");
  }

  /// What a policy lets a container have takes nothing from whoever starts it.
  @Test
  void outsideOfContainersTheKernelDecides() throws IOException {
    make("ext4", "ext4.image");
    loop("named", 666);
    String newer =
        """
        import ctypes
        call = ctypes.CDLL(None, use_errno=True).syscall
        context = call(430, b"ext4", 0)
        print(call(431, context, 1, b"source", b"%1$s", 0), call(431, context, 6, 0, 0, 0))
        print(call(432, context, 0, 0) > context)
        """
            .formatted(loops.getFirst());
    String older =
        "mkdir m && unshare -m sh -c 'mount %s m && cat m/file && umount m'"
            .formatted(loops.getFirst());
    sandbox.file("newer.py", newer);
    Run run =
        sandbox
            .shell(older + " && echo && python3 newer.py")
            .under(Project.policy("unprivileged-container"))
            .run()
            .mustSucceed();

    assertThat(run.lines()).containsExactly("content", "0 0", "True");
  }

  /// A loop device over a copy of the image, which the container finds as `name`: `b MAJOR:MINOR`.
  private String loop(String name, int mode) {
    String script =
        """
        cp ext4.image %1$s.copy && loop=$(losetup --find --show %1$s.copy) && echo $loop \
          && numbers=$(stat -c '%%Hr %%Lr' $loop) && mknod -m %2$d images/%1$s b $numbers \
          && echo b $numbers | tr ' ' : | sed 's/:/ /'
        """
            .formatted(name, mode);
    Run run = sandbox.shell(script).run();
    run.lines().stream().findFirst().ifPresent(loops::add);
    return run.mustSucceed().lines().getLast();
  }

  @AfterEach
  void endLoops() {
    loops.forEach(
        loop -> sandbox.shell("umount -q --lazy %1$s; losetup -d %1$s".formatted(loop)).run());
  }

  private Run images(String how) {
    return sandbox.command(container()).under(policy(how)).run().mustSucceed();
  }

  private List<String> container() {
    return sandbox.containerWith(
        List.of("images"), Project.program("images"), sandbox.path("images").toString());
  }

  private Path policy(String how) {
    return sandbox.policy(
        """
        - name: images
          on: [mount, fsopen]
          when: fstype in ["ext4", "xfs", "btrfs", "squashfs", "erofs"]
          emulate: { handler: mount, images: %s }
        """
            .formatted(how),
        "- { on: [fsconfig, fsmount, move_mount], emulate: mount }");
  }

  private void make(String type, String name) throws IOException {
    assumeThat(Files.readString(Path.of("/proc/filesystems")))
        .as("the kernel has " + type)
        .containsPattern("\\b" + type + "\\b");
    sandbox.file("tree/file", "content");
    sandbox.directory("images");
    Run run =
        sandbox
            .shell(
                "mknod -m 666 tree/null c 1 3; mkdir tree/of-1000; chown 1000:1000 tree/of-1000; "
                    + "cp /bin/true tree/suid; chmod 4755 tree/suid; "
                    + command(type, name)
                    + " && cp "
                    + name
                    + " images/ >&2")
            .run();
    assumeThat(run.status()).as("mkfs for " + type + ": " + run.err()).isZero();
  }

  private static String command(String type, String name) {
    String make =
        switch (type) {
          case "ext4" -> "truncate -s 8M %s && mkfs.ext4 -q -d tree %s";
          case "btrfs" -> "truncate -s 128M %s && mkfs.btrfs -q -r tree %s";
          case "squashfs" -> ": %s; mksquashfs tree %s -quiet -no-progress";
          case "erofs" -> ": %s; mkfs.erofs %s tree";
          case "xfs" ->
              "truncate -s 320M %s && mkfs.xfs -q %1$s && mkdir m && unshare -m sh -c 'mount -o"
                  + " loop %1$s m && cp -a tree/. m && umount m'";
          default -> throw new IllegalArgumentException(type);
        };
    return make.formatted(name, name) + " >/dev/null";
  }
}
