package dev.sluice.tests.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import dev.sluice.tests.harness.User;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Device nodes in an unprivileged container. The cases, C01 to C11, are in `src/test/c/devices.c`.
@NeedsRoot
final class DevicesTest {
  private static final String EXPECTED =
      """
      C01 c 1:3 made
      C01 node is 20644 1:3 of 0:0, opened
      C01 c 1:5 made
      C01 node is 20644 1:5 of 0:0, opened
      C01 c 1:7 made
      C01 node is 20644 1:7 of 0:0, opened
      C01 c 1:8 made
      C01 node is 20644 1:8 of 0:0, opened
      C01 c 1:9 made
      C01 node is 20644 1:9 of 0:0, opened
      C01 c 5:0 made
      C01 c 5:2 made
      C01 c 0:0 made
      C02 c 1:1 EPERM
      C02 c 10:229 EPERM
      C02 b 8:0 EPERM
      C02 b 7:0 EPERM
      C02 c 1:259 EPERM
      C02 node ENOENT
      C02 a file made
      C02 a FIFO made
      C02 a socket made
      C02 a directory EPERM
      C02 nothing EINVAL
      C03 sub/relative made
      C03 sub/relative is 20644 1:3 of 0:0, opened
      C03 sub/../up made
      C03 up is 20644 1:3 of 0:0, opened
      C03 /root/absolute made
      C03 /root/absolute is 20600 1:3 of 0:0, opened
      C03 /dev/own made
      C03 /dev/own is 20640 1:3 of 0:0, opened
      C03 sub/nodev made
      C03 sub/nodev is 20644 1:3 of 0:0, EACCES
      C04 AT_FDCWD made
      C04 AT_FDCWD in 32 bits made
      C04 a directory made
      C04 sub/dirfd is 20644 1:3 of 0:0, opened
      C04 an O_PATH directory made
      C04 sub/pathfd is 20644 1:3 of 0:0, opened
      C04 -1, absolute made
      C04 -1, relative EBADF
      C05 what is there EEXIST
      C05 in what is not there ENOENT
      C05 in a file ENOTDIR
      C05 with a slash ENOENT
      C05 with no name ENOENT
      C05 with a long name ENAMETOOLONG
      C05 on a read-only file system EROFS
      C05 NULL EFAULT
      C05 beyond the memory EFAULT
      C06 without CAP_MKNOD EPERM
      C06 in a user namespace below EPERM
      C06 a whiteout there made
      C07 in a directory of another EACCES
      C07 in /tmp made
      C07 /tmp/node is 20600 1:3 of 1000:1000, opened
      C07 in a directory of a user made
      C07 theirs/node is 20644 1:3 of 0:0, opened
      C07 in a directory that gives its group made
      C07 setgid/node is 20644 1:3 of 0:1000, opened
      C08 the console made
      C08 console is 20620 5:1 of 0:5, EACCES
      C08 with devices again EPERM
      C08 place is 20620 5:1 of 0:5, EACCES
      C08 console is 20620 5:1 of 0:5, EACCES
      C08 the console made
      C08 /dev/console is 20620 5:1 of 0:5, EACCES
      C08 with devices again EPERM
      C08 place is 20620 5:1 of 0:5, EACCES
      C08 /dev/console is 20620 5:1 of 0:5, EACCES
      C09 on an overlay made
      C09 merged/node is 20644 1:3 of 0:0, opened
      C09 on one with nodev made
      C09 merged/node is 20644 1:3 of 0:0, EACCES
      C10 another thread made
      C10 its own directory made
      C10 sub/own-directory is 20644 1:3 of 0:0, opened
      C11 after chroot made
      C11 /chrooted is 20644 1:3 of 0:0, opened
      C11 in a mount namespace made
      C11 sub/seen-there is 20644 1:3 of 0:0, opened
      C11 sub/seen-there ENOENT
      C11 in a deleted directory ENOENT
      """;

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void nodesAreMadeAsTheHostsRootMakesThem() {
    Run run =
        sandbox
            .container(Project.program("devices"))
            .under(Project.policy("unprivileged-container"))
            .run()
            .mustSucceed();

    assertThat(run.out()).isEqualTo(EXPECTED);
    assertThat(run.recordsOf("devices"))
        .isNotEmpty()
        .allMatch(record -> record.text("class").equals("EMULATED"));
  }

  /// The container's first process waits for the orphan: it would end with that.
  @Test
  void whoeverDescendsFromACallerIsServed() {
    String program = Project.program("children");
    String script =
        "mkdir /tmp/here && cd /tmp/here && "
            + program
            + " >out && until grep -q orphan out; do :; done; cat out";
    Run run =
        sandbox
            .container("sh", "-c", script)
            .under(Project.policy("unprivileged-container"))
            .run()
            .mustSucceed();

    assertThat(run.lines())
        .containsExactly(
            "C13 fork made",
            "C13 exec made",
            "C13 vfork-and-exec made",
            "C13 clone made",
            "C13 thread made",
            "C13 orphan made");
  }

  @Test
  void nativelyNoneIsMade() {
    Run run = sandbox.container("mknod", "/tmp/null", "c", "1", "3").run();

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("Operation not permitted");
  }

  @Test
  void aPolicyMayNameOtherDevices() {
    String rule = "{on: [mknod, mknodat], emulate: {handler: device, devices: 'b 7:0, c 10:229'}}";
    Run run =
        sandbox
            .container(
                "sh",
                "-c",
                "mknod a b 7 0; mknod b c 10 229; mknod c c 1 3; stat -c '%F %t:%T' a b c")
            .under(sandbox.policy("- " + rule))
            .run();

    assertThat(run.lines())
        .containsExactly("block special file 7:0", "character special file a:e5");
    assertThat(run.err()).contains("mknod: c: Operation not permitted");
  }

  /// One that is named is the machine's, to be opened as the policy says, and not just a mount.
  @Test
  void aPolicyMayNameTheConsole() {
    String rule = "{on: [mknod, mknodat], emulate: {handler: device, devices: 'c 5:1'}}";
    Run run =
        sandbox
            .container("sh", "-c", "mknod a c 5 1; stat -c %t:%T a; rm a && echo removed")
            .under(sandbox.policy("- " + rule))
            .run()
            .mustSucceed();

    assertThat(run.lines()).containsExactly("5:1", "removed");
  }

  /// What a policy lets a container have takes nothing from whoever starts it.
  @Test
  void outsideOfContainersTheKernelDecides() {
    String script = "mknod a c 1 3; mknod b b 7 0; stat -c '%F %t:%T' a b; rm a b";
    Run byRoot =
        sandbox.shell(script).under(Project.policy("unprivileged-container")).run().mustSucceed();
    Run byUser =
        sandbox
            .shell("mknod a c 1 3")
            .as(User.ORDINARY)
            .under(Project.policy("unprivileged-container"))
            .run();

    assertThat(byRoot.lines())
        .containsExactly("character special file 1:3", "block special file 7:0");
    assertThat(byUser.err()).contains("mknod: a: Operation not permitted");
  }

  @Test
  void aListThatIsNoneIsRefused() {
    Run run =
        sandbox
            .command(
                Project.SCRIPT.toString(),
                "policy",
                "check",
                sandbox
                    .policy("- {on: mknod, emulate: {handler: device, devices: 'c 1:3 1:5'}}")
                    .toString())
            .run();

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err() + run.out())
        .contains("'devices' takes a list such as 'c 1:3, b 7:0', not 'c 1:3 1:5'");
  }
}
