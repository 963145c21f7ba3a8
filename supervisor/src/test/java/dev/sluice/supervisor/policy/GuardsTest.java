package dev.sluice.supervisor.policy;

import static dev.sluice.supervisor.policy.Policies.answer;
import static dev.sluice.supervisor.policy.Policies.compile;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Mounts;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.syscall.Arch;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What a policy closes by itself: ways around what it decides.
class GuardsTest {
  private static final Arch ARCH = Arch.X86_64;
  private static final String HEAD = "sluice: v1\narchitectures: [x86_64]\n";
  private static final int NOTIFY = Seccomp.RET_USER_NOTIF;
  private static final int ALLOW = Seccomp.RET_ALLOW;

  /// linux/prctl.h
  private static final int PR_SET_NAME = 15;

  private static final int PR_SET_MM = 35;

  /// Decides by paths, so that everything is closed that would lead around it.
  private static final String BY_PATH =
      HEAD + "rules:\n- {on: '@open', deny: EACCES, when: 'path.under(\"/secret\")'}\n";

  private static int errno(Errno errno) {
    return Seccomp.RET_ERRNO | errno.number();
  }

  @Test
  void anotherAbiAnUnknownNumberAndX32AreClosedToWhoIsMediated() {
    var policy = compile(BY_PATH);
    assertThat(answer(policy, Arch.I386, "open")).isEqualTo(errno(Errno.ENOSYS));
    assertThat(answer(policy, ARCH, 100_000)).isEqualTo(errno(Errno.ENOSYS));
    assertThat(answer(policy, ARCH, -1)).isEqualTo(errno(Errno.ENOSYS));
    assertThat(answer(policy, ARCH, Arch.X32_BIT | 2)).isEqualTo(errno(Errno.ENOSYS));
  }

  /// They are the default's, if it lets nothing take place.
  @Test
  void unknownNumbersAreDecidedAsTheDefaultSays() {
    int limit = ARCH.limit();
    var returns = compile(BY_PATH + "default: {return: 5}\n");
    assertThat(answer(returns, ARCH, limit)).isEqualTo(NOTIFY);
    assertThat(returns.unlisted(ARCH, limit).verdict()).isEqualTo(Verdict.Return.of(5));

    var denies = compile(BY_PATH + "default: {deny: EIO}\n");
    assertThat(answer(denies, ARCH, limit)).isEqualTo(errno(Errno.EIO));
    assertThat(denies.unlisted(ARCH, limit).verdict())
        .as("notified by a filter that is installed")
        .isEqualTo(Verdict.Fail.of(Errno.EIO.number()));

    var recorded = compile(BY_PATH + "default: {deny: EIO}\naudit: {record: [deny]}\n");
    assertThat(answer(recorded, ARCH, limit)).isEqualTo(NOTIFY);
    var decision = recorded.unlisted(ARCH, limit);
    assertThat(decision.rule()).isEqualTo(PolicyCompiler.DEFAULT);
    assertThat(decision.audit()).isEqualTo(AuditMode.ALWAYS);
    assertThat(decision.verdict()).isEqualTo(Verdict.Fail.of(Errno.EIO.number()));
    for (var other :
        List.of(
            recorded.unlisted(Arch.I386, 1),
            recorded.unlisted(ARCH, Arch.X32_BIT | 2),
            compile(BY_PATH).unlisted(ARCH, limit),
            compile(BY_PATH + "audit: {record: [allow]}\n").unlisted(ARCH, limit))) {
      assertThat(other.rule()).isEqualTo(PolicyCompiler.GUARD);
      assertThat(other.verdict()).isEqualTo(Verdict.Fail.of(Errno.ENOSYS.number()));
    }
  }

  @Test
  void theWaysAroundAreClosed() {
    var policy = compile(BY_PATH);
    for (String call : List.of("io_uring_setup", "io_uring_enter", "io_uring_register")) {
      assertThat(answer(policy, ARCH, call)).as(call).isEqualTo(errno(Errno.ENOSYS));
    }
    for (String call : List.of("fsopen", "fspick", "move_mount", "open_tree")) {
      assertThat(answer(policy, ARCH, call)).as(call).isEqualTo(errno(Errno.ENOSYS));
    }
    assertThat(answer(policy, ARCH, "open_by_handle_at")).isEqualTo(errno(Errno.EPERM));
    assertThat(answer(policy, ARCH, "mount", 0, 0, 0, Mounts.MS_BIND))
        .isEqualTo(errno(Errno.EPERM));
    assertThat(answer(policy, ARCH, "mount", 0, 0, 0, Mounts.MS_REMOUNT | Mounts.MS_BIND))
        .isEqualTo(ALLOW);
    assertThat(answer(policy, ARCH, "mount")).isEqualTo(NOTIFY);
    assertThat(answer(policy, ARCH, "mount", 0, 0, 0, Mounts.MS_MGC_VAL & 0xffffffffL))
        .as("the magic is no propagation")
        .isEqualTo(NOTIFY);
  }

  @Test
  void aSecondListenerIsRefusedWhateverElseTheFlagsSay() {
    var policy = compile(BY_PATH);
    int listener = Seccomp.FILTER_FLAG_NEW_LISTENER;
    int busy = errno(Errno.EBUSY);
    assertThat(answer(policy, ARCH, "seccomp", Seccomp.SET_MODE_FILTER, listener)).isEqualTo(busy);
    assertThat(answer(policy, ARCH, "seccomp", Seccomp.SET_MODE_FILTER | 7L << 32, listener | 1))
        .isEqualTo(busy);
    assertThat(answer(policy, ARCH, "seccomp", Seccomp.SET_MODE_FILTER, 1)).isEqualTo(ALLOW);
  }

  @Test
  void memoryThatMayNeverComeForTheKernelIsRefused() {
    var policy = compile(BY_PATH);
    assertThat(answer(policy, ARCH, "userfaultfd", 0)).isEqualTo(errno(Errno.EPERM));
    assertThat(answer(policy, ARCH, "userfaultfd", OpenFlags.O_CLOEXEC))
        .isEqualTo(errno(Errno.EPERM));
    assertThat(answer(policy, ARCH, "userfaultfd", OpenFlags.O_CLOEXEC | 1)).isEqualTo(ALLOW);
  }

  /// One's own limits, where no process is named, are the kernel's business.
  @Test
  void whoeverSetsTheLimitsOfAnotherIsLookedAt() {
    var policy = compile(BY_PATH);
    assertThat(answer(policy, ARCH, "prlimit64", 0, 1, 0x1000)).isEqualTo(ALLOW);
    assertThat(answer(policy, ARCH, "prlimit64", 1L << 32, 1, 0x1000)).isEqualTo(ALLOW);
    assertThat(answer(policy, ARCH, "prlimit64", 42, 1, 0x1000)).isEqualTo(NOTIFY);
    assertThat(answer(policy, ARCH, "prlimit64", 1 << 21, 1, 0x1000)).isEqualTo(NOTIFY);
    var i386 = compile(BY_PATH.replace("[x86_64]", "[x86_64, i386]"));
    assertThat(answer(i386, Arch.I386, "prlimit64", 42, 1, 0x1000)).isEqualTo(NOTIFY);

    var group = compile(BY_PATH + "- {on: '@system-service', allow: }\ndefault: {deny: EIO}\n");
    assertThat(answer(group, ARCH, "prlimit64", 42, 1, 0x1000)).isEqualTo(NOTIFY);
    var named = compile(BY_PATH + "- {on: prlimit64, allow: }\n");
    assertThat(answer(named, ARCH, "prlimit64", 42, 1, 0x1000)).isEqualTo(ALLOW);
    String tracer = "- {on: execve, deny: EPERM}\n- {on: '@default', trace: 1}\n";
    assertThat(answer(compile(BY_PATH + tracer), ARCH, "prlimit64", 42, 1, 0x1000))
        .isEqualTo(Seccomp.RET_TRACE | 1);
    String some = "- {on: '@default', when: 'args[0] == 7', trace: 1}\n";
    for (String rest : List.of("", "- {on: '@default', allow: }\ndefault: {deny: EIO}\n")) {
      var traced = compile(BY_PATH + "- {on: execve, deny: EPERM}\n" + some + rest);
      assertThat(answer(traced, ARCH, "prlimit64", 7, 1, 0x1000)).isEqualTo(Seccomp.RET_TRACE | 1);
      assertThat(answer(traced, ARCH, "prlimit64", 42, 1, 0x1000))
          .as("what the tracer's rule leaves")
          .isEqualTo(NOTIFY);
    }
    assertThat(
            Guards.reason("prlimit64", Guards.of("prlimit64", false, false).getFirst().condition()))
        .isEqualTo("a limit on the supervisor's files or time would end its records");
  }

  @Test
  void aGuardGivesWayToARuleThatNamesItsCallAndToNoGroup() {
    var named = compile(BY_PATH + "- {on: io_uring_setup, allow: }\n");
    assertThat(answer(named, ARCH, "io_uring_setup")).isEqualTo(ALLOW);
    assertThat(answer(named, ARCH, "io_uring_enter")).isEqualTo(errno(Errno.ENOSYS));
    var traced = compile(BY_PATH + "- {on: '@aio', trace: 1}\n");
    assertThat(answer(traced, ARCH, "io_uring_setup")).isEqualTo(errno(Errno.ENOSYS));
    String unperformed = "- {on: [chdir, chroot], deny: EPERM}\n"; // nobody is asked about them
    for (String action : List.of("allow: ", "log: ", "ask: {}")) {
      var group =
          compile(
              BY_PATH + unperformed + "- {on: ['@mount', '@system-service'], " + action + "}\n");
      assertThat(answer(group, ARCH, "io_uring_setup")).isEqualTo(errno(Errno.ENOSYS));
      assertThat(answer(group, ARCH, "userfaultfd", 0)).isEqualTo(errno(Errno.EPERM));
      assertThat(answer(group, ARCH, "pivot_root")).isEqualTo(errno(Errno.EPERM));
      assertThat(answer(group, ARCH, "mount", 0, 0, 0, Mounts.MS_BIND))
          .isEqualTo(errno(Errno.EPERM));
    }
  }

  @Test
  void aRuleThatNamesACallTakesThePlaceOfItsGuardsFromThereOn() {
    var denied = compile(BY_PATH + "- {on: '@aio', allow: }\n- {on: io_uring_setup, deny: EIO}\n");
    assertThat(answer(denied, ARCH, "io_uring_setup")).isEqualTo(errno(Errno.ENOSYS));
    var allowed =
        compile(
            BY_PATH
                + """
                - {on: "@mount", when: 'args[4] == 1', allow: }
                - {on: mount, when: 'args[4] < 3', allow: }
                - {on: "@mount", when: 'args[4] == 3', allow: }
                """);
    for (int data = 0; data < 5; data++) {
      assertThat(answer(allowed, ARCH, "mount", 0, 0, 0, Mounts.MS_BIND, data))
          .as("%d", data)
          .isEqualTo(data == 1 ? errno(Errno.EPERM) : ALLOW);
      assertThat(answer(allowed, ARCH, "pivot_root", 0, 0, 0, 0, data))
          .isEqualTo(errno(Errno.EPERM));
    }
  }

  @Test
  void aGuardAllowsNothingThatRulesAndDefaultDeny() {
    var denies = compile(BY_PATH + "default: {deny: EIO}\n");
    assertThat(answer(denies, ARCH, "mount", 0, 0, 0, Mounts.MS_REMOUNT))
        .isEqualTo(errno(Errno.EIO));
    assertThat(answer(denies, ARCH, "mount", 0, 0, 0, Mounts.MS_PRIVATE))
        .isEqualTo(errno(Errno.EIO));
    assertThat(answer(denies, ARCH, "mount")).isEqualTo(errno(Errno.EIO));

    var some =
        compile(
            BY_PATH
                + """
                - {on: "@mount", when: 'args[4] == 1', allow: }
                - {on: "@mount", deny: EIO}
                """);
    assertThat(answer(some, ARCH, "mount", 0, 0, 0, Mounts.MS_REMOUNT, 1)).isEqualTo(ALLOW);
    assertThat(answer(some, ARCH, "mount", 0, 0, 0, Mounts.MS_REMOUNT, 0))
        .isEqualTo(errno(Errno.EIO));
  }

  /// What is said yes to is what was shown: a path, or an address.
  @Test
  void whoIsAskedDecidesByWhatIsShown() {
    var opens = compile(HEAD + "rules:\n- {on: '@open', when: access.write, ask: {}}\n");
    assertThat(answer(opens, ARCH, "mount", 0, 0, 0, Mounts.MS_BIND)).isEqualTo(errno(Errno.EPERM));
    assertThat(answer(opens, ARCH, "socket", 2, 1, 132)).isEqualTo(ALLOW);
    assertThat(opens.decidesByPaths()).isTrue();
    assertThat(opens.decidesByAddresses()).isFalse();

    var connects = compile(HEAD + "rules:\n- {on: '@connect', ask: {}}\n");
    assertThat(answer(connects, ARCH, "socket", 2, 1, 132)).isEqualTo(errno(Errno.EPROTONOSUPPORT));
    assertThat(answer(connects, ARCH, "pivot_root"))
        .as("the address of a Unix socket is a path")
        .isEqualTo(errno(Errno.EPERM));
    assertThat(connects.decidesByPaths()).isTrue();
    assertThat(connects.decidesByAddresses()).isTrue();

    var others = compile(HEAD + "rules:\n- {on: kill, ask: {}}\n");
    assertThat(answer(others, ARCH, "mount", 0, 0, 0, Mounts.MS_BIND)).isEqualTo(ALLOW);
    assertThat(answer(others, ARCH, "socket", 2, 1, 132)).isEqualTo(ALLOW);
  }

  /// Whoever can mount another program there would execute it by that path.
  @Test
  void thePathsOfAProgramAndItsDirectoryArePathsToo() {
    for (String path : List.of("exe", "cwd")) {
      String when = "task." + path + " != \"/usr/bin/curl\"";
      var policy = compile(HEAD + "rules:\n- {on: bind, when: '" + when + "', deny: EPERM}\n");
      assertThat(answer(policy, ARCH, "mount", 0, 0, 0, Mounts.MS_BIND))
          .as(path)
          .isEqualTo(errno(Errno.EPERM));
      assertThat(answer(policy, ARCH, "fsopen")).as(path).isEqualTo(errno(Errno.ENOSYS));
    }
    String when = "task.comm != \"curl\"";
    var byName = compile(HEAD + "rules:\n- {on: bind, when: '" + when + "', deny: EPERM}\n");
    assertThat(answer(byName, ARCH, "mount", 0, 0, 0, Mounts.MS_BIND)).isEqualTo(ALLOW);
  }

  /// Where a program's path decides, or may later, nobody takes that of another.
  @Test
  void aProgramCannotPretendToBeAnother() {
    String byProgram =
        HEAD + "rules:\n- {on: '@open', deny: EACCES, when: 'task.exe != \"/bin/cat\"'}\n";
    var policy = compile(byProgram);
    assertThat(answer(policy, ARCH, "prctl", PR_SET_MM, 14)).isEqualTo(errno(Errno.EPERM));
    assertThat(answer(policy, ARCH, "prctl", PR_SET_MM | 7L << 32, 13))
        .isEqualTo(errno(Errno.EPERM));
    assertThat(answer(policy, ARCH, "prctl", PR_SET_NAME, 14)).isEqualTo(ALLOW);
    assertThat(answer(compile(BY_PATH), ARCH, "prctl", PR_SET_MM, 14)).isEqualTo(ALLOW);
    var dynamic = compile(BY_PATH + "dynamic: ['@connect']\n");
    assertThat(answer(dynamic, ARCH, "prctl", PR_SET_MM, 14)).isEqualTo(errno(Errno.EPERM));
    assertThat(answer(dynamic, ARCH, "prctl", PR_SET_NAME, 14)).isEqualTo(ALLOW);

    var other = compile(byProgram + "- {on: prctl, when: 'op == PR_SET_NAME', deny: EIO}\n");
    assertThat(answer(other, ARCH, "prctl", PR_SET_NAME)).isEqualTo(errno(Errno.EIO));
    assertThat(answer(other, ARCH, "prctl", PR_SET_MM, 14)).isEqualTo(errno(Errno.EPERM));
    var named = compile(byProgram + "- {on: prctl, allow: }\n");
    assertThat(answer(named, ARCH, "prctl", PR_SET_MM, 14)).isEqualTo(ALLOW);
    assertThat(Guards.reason("prctl", Guards.of("prctl", true, false).getFirst().condition()))
        .isEqualTo("a program could take the path of another, which it does not execute");
  }

  /// A rule about some of what ioctl(2) does leaves the rest as it was.
  @Test
  void memoryOfTheDeviceMayNotBeMissingForTheKernelEither() {
    var policy = compile(BY_PATH + "- {on: ioctl, when: 'op == TIOCSTI', deny: EIO}\n");
    assertThat(answer(policy, ARCH, "ioctl", 3, 0xaa00, OpenFlags.O_CLOEXEC))
        .isEqualTo(errno(Errno.EPERM));
    assertThat(answer(policy, ARCH, "ioctl", 3, 0xaa00 | 7L << 32, 0))
        .isEqualTo(errno(Errno.EPERM));
    assertThat(answer(policy, ARCH, "ioctl", 3, 0xaa00, 1)).isEqualTo(ALLOW);
    assertThat(answer(policy, ARCH, "ioctl", 3, 0xaa3f, 0)).isEqualTo(ALLOW);
    assertThat(answer(policy, ARCH, "ioctl", 0, 0x5412, 0)).isEqualTo(errno(Errno.EIO));
    var named = compile(BY_PATH + "- {on: ioctl, when: 'op == 0xaa00', allow: }\n");
    assertThat(answer(named, ARCH, "ioctl", 3, 0xaa00, 0)).isEqualTo(ALLOW);
  }

  @Test
  void whoeverIsNotMediatedKeepsWhatThereIs() {
    var policy = compile(HEAD + "rules:\n- {on: setuid, deny: EPERM}\n");
    assertThat(answer(policy, ARCH, "io_uring_setup")).isEqualTo(ALLOW);
    assertThat(answer(policy, ARCH, 100_000)).isEqualTo(ALLOW);
    assertThat(answer(policy, ARCH, "execve")).isEqualTo(ALLOW);
    assertThat(answer(policy, ARCH, "prlimit64", 42, 1, 0x1000)).isEqualTo(ALLOW);
  }
}
