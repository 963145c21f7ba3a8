package dev.sluice.tests.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.tests.harness.Cgroup;
import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Device programs of an unprivileged container, in the cgroups that were delegated to it. The
/// cases are in `src/test/c/deviceprograms`.
@NeedsRoot
final class DeviceProgramsTest {
  private static final int ROOT_OF_THE_CONTAINER = 100_000;

  private static final int ALLOW_OVERRIDE = 1;
  private static final int ALLOW_MULTI = 2;

  private static final String RULE =
      """
      - name: device-programs
        on: bpf
        when: cmd in [BPF_PROG_LOAD, BPF_PROG_ATTACH, BPF_PROG_DETACH, BPF_PROG_QUERY, BPF_PROG_GET_FD_BY_ID, BPF_OBJ_GET_INFO_BY_FD]
        emulate: bpf
      """;

  private static final String EXPECTED =
      """
      load 0
      close-on-exec 1
      before: /dev/zero opened /dev/null opened
      attach 0
      attached: /dev/zero EPERM /dev/null opened
      0, 1 programs, flags 2
      0, 1 programs, flags 2
      load another 0
      attach another 0
      both count: /dev/zero EPERM /dev/null opened
      ENOSPC, 2 programs, flags 2
      attach it again EINVAL
      by its number 0
      its information 0
      type 15, that number, 232 bytes, called no_zero
      another's by its number EPERM
      detach 0
      detached: /dev/zero opened /dev/null opened
      detach again ENOENT
      replace 0
      replaced: /dev/zero EPERM /dev/null opened
      detach at last 0
      at another's cgroup EPERM
      from another's cgroup EPERM
      another's cgroup: EPERM, 0 programs, flags 0
      at a device EBADF
      at a directory EBADF
      at a file of a cgroup EBADF
      at nothing EBADF
      no program EBADF
      a file as program EINVAL
      the machine's program EINVAL
      the machine's detached EINVAL
      the machine's replaced EINVAL
      alone EPERM
      to be overridden EINVAL
      unknown flags EINVAL
      by O_PATH 0
      detach by O_PATH 0
      a link at another's cgroup EINVAL
      at one that was removed ENODEV
      another type EPERM
      a program for the network EPERM
      one that does nothing 0
      cannot be attached EINVAL
      nor as what it is EPERM
      no size EPERM
      size 1 E2BIG
      size 65536 E2BIG
      size 2^31 E2BIG
      a page 0
      a page with something behind E2BIG
      attributes that end EFAULT
      no attributes EFAULT
      0 instructions: load E2BIG
      4097 instructions: load E2BIG
      65536 instructions: load E2BIG
      2147483648 instructions: load E2BIG
      no instructions EFAULT
      instructions that end EFAULT
      no license EFAULT
      a license that ends EFAULT
      flags EINVAL
      types EINVAL
      a wrong name EINVAL
      a call EINVAL
      a loop EINVAL
      a map EINVAL
      a store EINVAL
      half an instruction EINVAL
      no answer EACCES
      the log says why
      a log that is nowhere EFAULT
      a log of no size EACCES
      a log that is too long EINVAL
      with a log 0
      the log says how
      by a user EPERM
      in a user namespace below EPERM
      load EPERM
      64 programs, then ENFILE
      once one is closed 0
      """;

  private static final String CONFIG =
      """
      {
        "ociVersion": "1.0.2",
        "process": {
          "user": {"uid": 0, "gid": 0}, "cwd": "/", "env": ["PATH=/usr/bin"],
          "args": ["sh", "-c", "for f in null fuse; do (: </$f) && echo $f; done 2>&1; true"]
        },
        "root": {"path": "rootfs"},
        "mounts": [
          {"destination": "/proc", "type": "proc", "source": "proc"},
          {"destination": "/usr", "type": "none", "source": "/usr", "options": ["rbind", "ro"]},
          {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["mode=755"]}
        ],
        "linux": {
          "cgroupsPath": "/inner",
          "resources": {"devices": [{"allow": false, "access": "rwm"}]},
          "namespaces": [
            {"type": "pid"}, {"type": "mount"}, {"type": "ipc"}, {"type": "uts"}
          ]
        }
      }
      """;

  /// `$1` is the configuration. A runtime makes a group beside the one it is in.
  private static final String RUNTIME =
      """
      mount -t cgroup2 none /sys/fs/cgroup && mkdir /sys/fs/cgroup/init &&
      echo 0 >/sys/fs/cgroup/init/cgroup.procs && cd /tmp &&
      mkdir -p rootfs/usr rootfs/proc rootfs/dev && echo "$1" >config.json &&
      for link in bin sbin lib lib64; do ln -s usr/$link rootfs/$link; done &&
      mknod rootfs/null c 1 3 && mknod rootfs/fuse c 10 229 && (: <rootfs/fuse) &&
      runc --root /tmp/state run inner
      status=$?
      echo 0 >/sys/fs/cgroup/cgroup.procs; rmdir /sys/fs/cgroup/init
      exit $status
      """;

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void theyDecideInItsCgroupsAndNowhereElse() throws IOException {
    try (var group = Cgroup.make();
        var other = Cgroup.make()) {
      group.delegateTo(ROOT_OF_THE_CONTAINER);
      other.delegateTo(ROOT_OF_THE_CONTAINER);
      Run run = in(group, other, "deviceprograms").under(sandbox.policy(RULE)).run().mustSucceed();

      assertThat(run.out()).isEqualTo(EXPECTED);
    }
  }

  /// What the machine forbids by a program of its own stays forbidden.
  @Test
  void theMachinesProgramsCountToo() throws IOException {
    try (var group = Cgroup.make()) {
      group.delegateTo(ROOT_OF_THE_CONTAINER);
      forbid(ALLOW_MULTI, group);
      Run run = in(group, group, "deviceprograms", "-t").under(sandbox.policy(RULE)).run();

      assertThat(run.mustSucceed().lines())
          .containsExactly(
              "attach 0",
              "there: 0, 1 programs, flags 2",
              "attach below 0",
              "below: /dev/zero EPERM /dev/null opened");
    }
  }

  /// One of a kind that would not count any more keeps the container from attaching any.
  @ParameterizedTest
  @ValueSource(ints = {0, ALLOW_OVERRIDE})
  void noProgramOverridesTheMachines(int flags) throws IOException {
    try (var group = Cgroup.make()) {
      group.delegateTo(ROOT_OF_THE_CONTAINER);
      forbid(flags, group);
      Run run = in(group, group, "deviceprograms", "-t").under(sandbox.policy(RULE)).run();

      assertThat(run.mustSucceed().lines())
          .containsExactly(
              "attach EPERM",
              "there: 0, 0 programs, flags " + flags,
              "attach below EPERM",
              "below: /dev/zero EPERM /dev/null opened");
    }
  }

  @Test
  void aCgroupThatWasNotDelegatedIsTheMachines() throws IOException {
    try (var group = Cgroup.make()) {
      sandbox.shell("chmod 755 " + group).run().mustSucceed();
      Run run = in(group, group, "deviceprograms", "-t").under(sandbox.policy(RULE)).run();

      assertThat(run.mustSucceed().lines())
          .containsExactly("attach EPERM", "there: EPERM, 0 programs, flags 0");
    }
  }

  @Test
  void nativelyAContainerMayNot() throws IOException {
    try (var group = Cgroup.make()) {
      Run run = in(group, group, "deviceprograms", "-n").run().mustSucceed();

      assertThat(run.out()).isEqualTo("load EPERM\n");
    }
  }

  /// What runc(8) forbids a container that it starts in the container.
  @Test
  void aRuntimeInsideForbidsDevices() throws IOException {
    String devices =
        "- { on: mknod, emulate: { handler: device, devices: 'c 1:3, c 10:229' } }\n"
            + "- { on: mknodat, emulate: { handler: device, devices: 'c 1:3, c 10:229' } }";
    assumeTrue(sandbox.shell("command -v runc").run().status() == 0, "runc is not installed");

    assertThat(runtimeUnder(devices)).containsExactly("null", "fuse");
    assertThat(runtimeUnder(devices, RULE))
        .containsExactly("null", "sh: 1: cannot open /fuse: Operation not permitted");
  }

  private List<String> runtimeUnder(String... rules) throws IOException {
    try (var group = Cgroup.make()) {
      group.delegateTo(ROOT_OF_THE_CONTAINER);
      var words = sandbox.container("sh", "-c", RUNTIME, "sh", CONFIG).words();
      return group
          .enteredBy(sandbox, sandbox.command(words))
          .under(sandbox.policy(rules))
          .run()
          .mustSucceed()
          .lines();
    }
  }

  private void forbid(int flags, Cgroup group) {
    sandbox.program("deviceprograms", "-a", "" + flags, group.toString()).run().mustSucceed();
  }

  private Command in(Cgroup group, Cgroup other, String... program) {
    var words = new ArrayList<>(List.of(Project.program("deviceprograms"), "-m"));
    words.addAll(List.of("sh", "-c", "exec \"$@\" 9<" + other, "sh"));
    words.addAll(sandbox.container(program(program)).words());
    return group.enteredBy(sandbox, sandbox.command(words));
  }

  private static String[] program(String... program) {
    program[0] = Project.program(program[0]);
    return program;
  }
}
