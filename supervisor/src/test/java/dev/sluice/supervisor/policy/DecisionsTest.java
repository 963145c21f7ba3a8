package dev.sluice.supervisor.policy;

import static dev.sluice.supervisor.policy.Policies.answer;
import static dev.sluice.supervisor.policy.Policies.compile;
import static dev.sluice.supervisor.policy.Policies.decide;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.Calls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a policy decides, and on which tier.
class DecisionsTest {
  private static final Arch ARCH = Arch.X86_64;
  private static final String HEAD = "sluice: v1\narchitectures: [x86_64]\n";
  private static final int NOTIFY = Seccomp.RET_USER_NOTIF;
  private static final int ALLOW = Seccomp.RET_ALLOW;

  /// Decides by paths, so that everything is closed that would lead around it.
  private static final String BY_PATH =
      HEAD + "rules:\n- {on: '@open', deny: EACCES, when: 'path.under(\"/secret\")'}\n";

  private static int errno(Errno errno) {
    return Seccomp.RET_ERRNO | errno.number();
  }

  @Test
  void theFirstRuleThatMatchesDecides() {
    var policy =
        compile(
            HEAD
                + """
                default: {deny: ENOSYS}
                rules:
                - {on: setuid, when: 'uid < 10', deny: EPERM}
                - {on: setuid, when: 'uid < 20', allow: }
                - {on: '@setuid', deny: EACCES}
                - {on: setuid, allow: }
                """);
    assertThat(answer(policy, ARCH, "setuid", 9)).isEqualTo(errno(Errno.EPERM));
    assertThat(answer(policy, ARCH, "setuid", 10)).isEqualTo(ALLOW);
    assertThat(answer(policy, ARCH, "setuid", 20)).isEqualTo(errno(Errno.EACCES));
    assertThat(answer(policy, ARCH, "setgid", 0)).isEqualTo(errno(Errno.EACCES));
    assertThat(answer(policy, ARCH, "getpid")).isEqualTo(errno(Errno.ENOSYS));
    assertThat(policy.notifies()).isFalse();
  }

  @Test
  void eachActionBecomesWhatTheKernelCallsIt() {
    var policy =
        compile(
            HEAD
                + """
                rules:
                - {on: setuid, kill: thread}
                - {on: setgid, kill: process}
                - {on: chroot, trap: }
                - {on: sync, trace: 7}
                - {on: getpid, log: }
                - {on: getppid, return: 0}
                - {on: getuid, return: -4095}
                """);
    assertThat(answer(policy, ARCH, "setuid")).isEqualTo(Seccomp.RET_KILL_THREAD);
    assertThat(answer(policy, ARCH, "setgid")).isEqualTo(Seccomp.RET_KILL_PROCESS);
    assertThat(answer(policy, ARCH, "chroot")).isEqualTo(Seccomp.RET_TRAP);
    assertThat(answer(policy, ARCH, "sync")).isEqualTo(Seccomp.RET_TRACE | 7);
    assertThat(answer(policy, ARCH, "getpid")).isEqualTo(Seccomp.RET_LOG);
    assertThat(answer(policy, ARCH, "getppid")).isEqualTo(Seccomp.RET_ERRNO);
    assertThat(answer(policy, ARCH, "getuid")).isEqualTo(Seccomp.RET_ERRNO | 4095);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, -4096, Long.MAX_VALUE, Long.MIN_VALUE})
  void aResultTheKernelCannotGiveIsGivenByTheSupervisor(long value) {
    var policy = compile(HEAD + "rules:\n- {on: getuid, return: " + value + "}\n");
    assertThat(policy.notifies()).isTrue();
    assertThat(answer(policy, ARCH, "getuid")).isEqualTo(NOTIFY);
    assertThat(decide(policy, Calls.of(ARCH, "getuid")).verdict())
        .isEqualTo(new Verdict.Return(value));
  }

  @Test
  void aDecisionThatMustLeaveARecordIsNotified() {
    var policy =
        compile(
            HEAD
                + """
                audit: {record: [deny]}
                rules:
                - {on: setuid, deny: EPERM}
                - {on: setgid, deny: EPERM, audit: never}
                - {on: getpid, allow: , audit: always}
                - {on: getppid, allow: }
                """);
    assertThat(answer(policy, ARCH, "setuid")).isEqualTo(NOTIFY);
    assertThat(answer(policy, ARCH, "setgid")).isEqualTo(errno(Errno.EPERM));
    assertThat(answer(policy, ARCH, "getpid")).isEqualTo(NOTIFY);
    assertThat(answer(policy, ARCH, "getppid")).isEqualTo(ALLOW);
    assertThat(decide(policy, Calls.of(ARCH, "setuid")))
        .isEqualTo(
            new Decision(
                "rule 1",
                new Location("p.yaml", 5, 3),
                "deny",
                new Verdict.Fail(Errno.EPERM.number()),
                AuditMode.ALWAYS,
                NOTIFY));
  }

  @ParameterizedTest
  @ValueSource(strings = {"open", "openat", "creat"})
  void accessIsWhatTheFlagsSay(String call) {
    var policy =
        compile(
            HEAD
                + """
                rules:
                - {on: [open, openat, creat], when: 'access.create', deny: EPERM}
                - {on: [open, openat, creat], when: 'access.write', deny: EACCES}
                - {on: [open, openat, creat], when: 'access.read', deny: EIO}
                """);
    int create = errno(Errno.EPERM);
    int write = errno(Errno.EACCES);
    int read = errno(Errno.EIO);
    if (call.equals("creat")) {
      assertThat(answer(policy, ARCH, call, 0, 0)).isEqualTo(create);
      return;
    }
    int register = call.equals("open") ? 1 : 2;
    assertThat(opened(policy, call, register, OpenFlags.O_RDONLY)).isEqualTo(read);
    assertThat(opened(policy, call, register, OpenFlags.O_WRONLY)).isEqualTo(write);
    assertThat(opened(policy, call, register, OpenFlags.O_RDWR)).isEqualTo(write);
    assertThat(opened(policy, call, register, OpenFlags.O_RDONLY | OpenFlags.O_TRUNC))
        .isEqualTo(write);
    assertThat(opened(policy, call, register, OpenFlags.O_CREAT)).isEqualTo(create);
    assertThat(opened(policy, call, register, OpenFlags.O_TMPFILE | OpenFlags.O_RDWR))
        .isEqualTo(create);
    assertThat(opened(policy, call, register, OpenFlags.O_DIRECTORY)).isEqualTo(read);
    assertThat(opened(policy, call, register, OpenFlags.O_PATH | OpenFlags.O_RDWR))
        .isEqualTo(ALLOW);
  }

  private static int opened(CompiledPolicy policy, String call, int register, int flags) {
    var registers = new long[6];
    registers[register] = Integer.toUnsignedLong(flags) | 0xdead_beefL << 32;
    return answer(policy, ARCH, call, registers);
  }

  /// The supervisor knows whose identity a thread has only if it hears of every change.
  @Test
  void whatChangesAnIdentityIsNotifiedWithoutARecord() {
    var policy = compile(BY_PATH);
    for (String call : List.of("setuid", "setresgid", "execve", "chroot", "unshare", "capset")) {
      assertThat(answer(policy, ARCH, call)).as(call).isEqualTo(NOTIFY);
      assertThat(decide(policy, Calls.of(ARCH, call)).audit()).isEqualTo(AuditMode.NEVER);
    }
  }

  /// A line in the kernel's log would say it, but not to the supervisor.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "default: log\n",
        "- {on: ['@setuid', '@exec', chroot, unshare, capset], log: }\n"
      })
  void aChangeOfIdentityThatIsLoggedIsNotifiedWithARecord(String log) {
    var policy = compile(BY_PATH + log);
    for (String call : List.of("setuid", "setresgid", "execve", "chroot", "unshare", "capset")) {
      assertThat(answer(policy, ARCH, call)).as(call).isEqualTo(NOTIFY);
      Decision decision = decide(policy, Calls.of(ARCH, call));
      assertThat(decision.verdict()).as(call).isEqualTo(Verdict.CONTINUE);
      assertThat(decision.audit()).as(call).isEqualTo(AuditMode.WHEN_NOTIFIED);
    }
  }

  @Test
  void aCallThatNobodyKnowsIsNotLoggedButRefused() {
    var policy = compile(BY_PATH + "default: log\n");
    assertThat(answer(policy, ARCH, 100_000)).isEqualTo(errno(Errno.ENOSYS));
    assertThat(answer(policy, ARCH, "getpid")).isEqualTo(Seccomp.RET_LOG);
  }

  /// As what is allowed; a denial after it is not got around by the other path.
  @Test
  void whatIsLoggedHasToHoldForBothPaths() {
    var policy =
        compile(
            HEAD
                + """
                rules:
                - {name: work, on: "@rename", when: 'path.under("/work")', log: }
                - {name: rest, on: "@rename", deny: EACCES}
                """);
    var out = Calls.of(ARCH, "rename");
    Calls.givePinned(out, 0, "/work/x");
    Calls.givePinned(out, 1, "/etc/passwd");
    assertThat(decide(policy, out).rule()).isEqualTo("rest");
    var within = Calls.of(ARCH, "rename");
    Calls.givePinned(within, 0, "/work/x");
    Calls.givePinned(within, 1, "/work/y");
    assertThat(decide(policy, within).rule()).isEqualTo("work");
  }

  @Test
  void whatMemoryDecidesLeavesARecordEvenIfItWouldBeNotifiedAnyway() {
    var policy = compile(HEAD + "rules:\n- {on: '@exec', when: path.under('/a'), deny: EIO}\n");
    for (String path : List.of("/a/b", "/b")) {
      var call = Calls.of(ARCH, "execve");
      Calls.givePinned(call, 0, path);
      assertThat(decide(policy, call).audit()).as(path).isEqualTo(AuditMode.WHEN_NOTIFIED);
    }
  }

  @Test
  void varsAndHomeStandForWhatTheEnvironmentSays() {
    var policy =
        compile(
            HEAD
                + """
                vars: {work: "${PWD}/work"}
                rules:
                - {name: var, on: '@open', when: 'path.under(vars.work + "/out")', deny: EACCES}
                - {name: home, on: '@open', when: 'path.under("~/.ssh")', deny: EACCES}
                """);
    assertThat(ruleFor(policy, "/src/work/out/file")).isEqualTo("var");
    assertThat(ruleFor(policy, "/src/work/output")).isEqualTo("default");
    assertThat(ruleFor(policy, "/home/me/.ssh/id")).isEqualTo("home");
    assertThat(ruleFor(policy, "/home/me/.sshd")).isEqualTo("default");
  }

  /// A container has a root of its own, where what is a link here may be a directory.
  @Test
  void aDirectoryThatIsALinkHereIsMeantByBothOfItsNames(@TempDir Path directory)
      throws IOException {
    Path real = Files.createDirectory(directory.toRealPath().resolve("real"));
    Path link = Files.createSymbolicLink(real.resolveSibling("link"), real);
    for (String when :
        List.of("path.under('%s')", "path.glob('%s/**')", "path.above('%s/file/below')")) {
      String condition = when.formatted(link);
      var policy =
          compile(
              HEAD
                  + "rules:\n- {name: both, on: '@open', when: \"%s\", deny: EACCES}\n"
                      .formatted(condition));
      assertThat(ruleFor(policy, link + "/file")).as(when).isEqualTo("both");
      assertThat(ruleFor(policy, real + "/file")).as(when).isEqualTo("both");
      assertThat(ruleFor(policy, directory + "/file")).as(when).isEqualTo("default");
    }
  }

  private static String ruleFor(CompiledPolicy policy, String path) {
    var call = Calls.of(ARCH, "open");
    Calls.givePinned(call, 0, path);
    return decide(policy, call).rule();
  }

  @Test
  void aDefaultResultIsGivenByTheSupervisorTooWhenItIsAsked() {
    var policy = compile(BY_PATH + "default: {return: -1}\n");
    assertThat(answer(policy, ARCH, "getpid")).isEqualTo(errno(Errno.EPERM));
    var call = Calls.of(ARCH, "open");
    Calls.givePinned(call, 0, "/elsewhere");
    assertThat(decide(policy, call).verdict()).isEqualTo(new Verdict.Return(-1));
  }

  @Test
  void aDefaultResultOnlyTheSupervisorCanGiveIsNotified() {
    var policy = compile(HEAD + "default: {return: 7}\n");
    assertThat(policy.notifies()).isTrue();
    assertThat(answer(policy, ARCH, "getpid")).isEqualTo(NOTIFY);
    assertThat(decide(policy, Calls.of(ARCH, "getpid")).verdict()).isEqualTo(new Verdict.Return(7));
  }
}
