package dev.sluice.supervisor.policy;

import static dev.sluice.supervisor.policy.Policies.answer;
import static dev.sluice.supervisor.policy.Policies.compile;
import static dev.sluice.supervisor.policy.Policies.decide;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.bpf.SeccompData;
import dev.sluice.supervisor.bpf.Simulator;
import dev.sluice.supervisor.handler.Asker;
import dev.sluice.supervisor.handler.Handlers;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.Calls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What the names in a condition stand for.
class VariablesTest {
  private static final int DENIED = Seccomp.RET_ERRNO | Errno.EPERM.number();

  private static String denying(String call, String when) {
    return "sluice: v1\narchitectures: [x86_64, aarch64]\nrules:\n- {on: %s, deny: EPERM, when: '%s'}\n"
        .formatted(call, when);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          socket  | domain == AF_INET6                         | 10
          clone   | flags.has(CLONE_NEWUSER + CLONE_NEWNS)     | 0x10020011
          ioctl   | op == TIOCSTI                              | 0, 0x5412
          fcntl   | args[1] == F_SETPIPE_SZ                    | 0, 1031
          mmap    | math.bitAnd(prot, PROT_WRITE + PROT_EXEC) == PROT_WRITE + PROT_EXEC | 0, 0, 7
          prctl   | op in [PR_SET_MM, PR_SET_PDEATHSIG]        | 35
          kill    | sig == SIGKILL                             | 0, 9
          unshare | unshare_flags.has(CLONE_NEWNET)            | 0x40000000
          """)
  void aConstantIsWhatTheHeadersSay(String call, String when, String args) {
    long[] registers = List.of(args.split(", ", -1)).stream().mapToLong(Long::decode).toArray();
    CompiledPolicy policy = compile(denying(call, when));
    assertThat(answer(policy, Arch.X86_64, call, registers)).isEqualTo(DENIED);
    assertThat(answer(policy, Arch.X86_64, call)).isEqualTo(Seccomp.RET_ALLOW);
  }

  /// MS_MGC_VAL has bits of propagation, and the kernel ignores them in it.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          flags.has(MS_PRIVATE)                              | 0x40000, 0x41000    | 0xc0ed1000, 0x1000
          flags.has(MS_RELATIME + MS_BIND)                   | 0x201000            | 0xc0ed1000, 0x1000
          flags.has(MS_BIND)                                 | 0xc0ed1000, 0x1000  | 0xc0ed0000, 0x40000
          flags == MS_BIND                                   | 0xc0ed1000, 0x1000  | 0xc0ed0000, 0xc0ec1000
          flags != MS_BIND                                   | 0xc0ed0000, 0       | 0xc0ed1000, 0x1000
          flags == 0                                         | 0xc0ed0000, 0       | 0xc0ed0001, 0xc0ec0000
          flags == MS_SLAVE                                  | 0x80000             | 0xc0ed0000, 0xc0e80000
          flags in [MS_BIND, MS_PRIVATE]                     | 0xc0ed1000, 0x40000 | 0xc0ed0000, 0x41000
          flags < MS_PRIVATE                                 | 0xc0edffff, 0x1000  | 0x40000, 0xc0ec0000
          flags > 8192 && flags >= 65536                     | 0xc0ec0000, 0x10000 | 0xc0edffff, 0
          math.bitAnd(flags, MS_SHARED + MS_PRIVATE) != 0    | 0x100000            | 0xc0ed0000, 0x1000
          math.bitAnd(flags, MS_PRIVATE) == 0                | 0xc0ed0000, 0x1000  | 0x40000, 0xc0e40000
          math.bitAnd(flags, MS_PRIVATE + MS_BIND) < 4096    | 0xc0ed0000, 0       | 0xc0ed1000, 0x40000
          mountflags.has(MS_PRIVATE)                         | 0x40000             | 0xc0ed1000, 0x1000
          args[3] == 0xc0ed1000                              | 0xc0ed1000          | 0x1000
          """)
  void flagsOfMountAreWhatTheKernelTakes(String when, String holds, String not) {
    CompiledPolicy policy = compile(denying("mount", when));
    for (String each : List.of((holds + ", " + not).split(", ", -1))) {
      long[] registers = {0, 0, 0, Long.decode(each)};
      boolean denied = List.of(holds.split(", ", -1)).contains(each);
      assertThat(answer(policy, Arch.X86_64, "mount", registers))
          .as(each)
          .isEqualTo(denied ? DENIED : Seccomp.RET_ALLOW);
      assertThat(decide(policy, Calls.of(Arch.X86_64, "mount", registers)).action())
          .as(each)
          .isEqualTo(denied ? "deny" : "allow");
    }
  }

  @Test
  void aConstantMayDifferByArchitecture() {
    CompiledPolicy policy = compile(denying("openat", "flags.has(O_DIRECTORY)"));
    assertThat(answer(policy, Arch.X86_64, "openat", 0, 0, 0200000)).isEqualTo(DENIED);
    assertThat(answer(policy, Arch.X86_64, "openat", 0, 0, 040000)).isEqualTo(Seccomp.RET_ALLOW);
    assertThat(answer(policy, Arch.AARCH64, "openat", 0, 0, 040000)).isEqualTo(DENIED);
    assertThat(answer(policy, Arch.AARCH64, "openat", 0, 0, 0200000)).isEqualTo(Seccomp.RET_ALLOW);
  }

  /// O_TMPFILE has the bit of O_DIRECTORY in it.
  @ParameterizedTest
  @CsvSource({"X86_64, 0x410000, 0x404000", "AARCH64, 0x404000, 0x410000"})
  void accessIsThatOfTheCallsArchitecture(Arch arch, String temporary, String other) {
    for (String access : List.of("access.create", "access.write")) {
      CompiledPolicy policy = compile(denying("openat", access));
      assertThat(answer(policy, arch, "openat", 0, 0, Long.decode(temporary)))
          .as(access)
          .isEqualTo(DENIED);
      assertThat(answer(policy, arch, "openat", 0, 0, Long.decode(other)))
          .as(access)
          .isEqualTo(Seccomp.RET_ALLOW);
    }
  }

  /// Whatever the prototype says: the kernel makes an int of them.
  @ParameterizedTest
  @CsvSource({
    "ptrace, pid == 1234, '16, 0x1000004d2'",
    "ptrace, pid == -1, '16, 0xffffffff'",
    "mbind, mode == 2, '0, 0, 0x700000002'",
  })
  void whatTheKernelDoesNotLookAtIsNotCompared(String call, String when, String args) {
    aConstantIsWhatTheHeadersSay(call, when, args);
  }

  @Test
  void aRegisterCanBeAllThatSixtyFourBitsCan() {
    CompiledPolicy policy = compile(denying("read", "args[2] >= 18446744073709551615u"));
    assertThat(answer(policy, Arch.X86_64, "read", 0, 0, -1)).isEqualTo(DENIED);
    assertThat(answer(policy, Arch.X86_64, "read", 0, 0, -2)).isEqualTo(Seccomp.RET_ALLOW);
  }

  @ParameterizedTest
  @CsvSource({
    "mkdir, WRITE CREATE",
    "mkdirat, WRITE CREATE",
    "mknod, WRITE CREATE",
    "mknodat, WRITE CREATE",
    "symlink, WRITE CREATE",
    "symlinkat, WRITE CREATE",
    "link, WRITE CREATE",
    "linkat, WRITE CREATE",
    "rename, WRITE",
    "unlinkat, WRITE",
    "truncate, WRITE",
    "fchmodat2, WRITE",
    "setxattrat, WRITE",
    "execve, READ",
    "execveat, READ",
    "newfstatat, ''",
    "access, ''",
    "readlinkat, ''",
    "getxattr, ''",
    "statfs, ''",
    "inotify_add_watch, ''",
    "fanotify_mark, ''",
    "name_to_handle_at, ''",
    "chdir, ''",
  })
  void whatACallDoesWithAFileItsNameTells(String call, String does) {
    for (String access : List.of("read", "write", "create")) {
      boolean denied = does.contains(access.toUpperCase(Locale.ROOT));
      CompiledPolicy policy = compile(denying(call, "access." + access + " || args[0] == 77"));
      assertThat(answer(policy, Arch.X86_64, call))
          .as(access)
          .isEqualTo(denied ? DENIED : Seccomp.RET_ALLOW);
    }
  }

  @Test
  void oneConditionOnAccessServesForAllCallsThatNameAFile() {
    String calls = "[\"@open\", \"@stat\", \"@modify\", \"@exec\", \"@chdir\"]";
    CompiledPolicy policy = compile(denying(calls, "access.write && !access.read"));
    assertThat(answer(policy, Arch.X86_64, "open", 0, 1)).isEqualTo(DENIED);
    assertThat(answer(policy, Arch.X86_64, "open", 0, 2)).isEqualTo(Seccomp.RET_ALLOW);
    assertThat(answer(policy, Arch.X86_64, "unlink")).isEqualTo(DENIED);
    assertThat(answer(policy, Arch.X86_64, "stat")).isEqualTo(Seccomp.RET_ALLOW);
    assertThat(answer(policy, Arch.X86_64, "chdir")).isEqualTo(Seccomp.RET_ALLOW);
  }

  @Test
  void aMountHasNoSuchAccess() {
    assertThat(Policies.complaintsAbout(denying("mount", "access.write")).getFirst())
        .contains("unknown name 'access.write'");
  }

  @Test
  void whatIsKnownOfTheContainerNeedsNoSupervisor(@TempDir Path directory) throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("p.yaml"),
            denying(
                "sync",
                "container.id.startsWith(\"web-\") && container.annotations[\"tier\"] !="
                    + " \"trusted\""));
    assertThat(deniesSync(file, new Container("web-1", "/run/web-1", Map.of()))).isTrue();
    assertThat(deniesSync(file, new Container("web-1", "", Map.of("tier", "trusted")))).isFalse();
    assertThat(deniesSync(file, Container.NONE)).isFalse();
  }

  /// Of the calls that a rule about it may be about, and no others.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "container.id == \"a\"",
        "\"a\" != container.pod",
        "vars.name == container.name",
        "vars.name in [\"b\", container.name]",
        "container.image in [\"a\", \"b\"]",
        "!(container.namespace + \"/\" + container.pod).startsWith(\"shop/\")",
        "container.annotations[\"zone\"] == \"dmz\" ? mode == 1 : mode < 4",
        "path.under(container.bundle)",
        "path.glob(\"/srv/\" + container.id + \"/**\")",
        "path == container.bundle && container.id != \"\"",
      })
  void aFilterForAnyContainerAsksWhatDependsOnIt(String when) throws Exception {
    String text =
        "sluice: v1\nvars: {name: a}\nrules:\n"
            + "- {on: [mkdir, mkdirat], when: '(%s) && mode < 8', deny: EACCES}\n".formatted(when);
    var policy =
        new PolicyCompiler(Handlers.load(List.of(), Optional.empty(), Asker.NOBODY), Map.of())
            .inAnyContainer()
            .compile("p.yaml", text);
    assertThat(policy.notifies()).isTrue();
    assertThat(answer(policy, Arch.X86_64, "mkdir", 0, 1)).isEqualTo(Seccomp.RET_USER_NOTIF);
    assertThat(answer(policy, Arch.X86_64, "mkdir", 0, 8)).isEqualTo(Seccomp.RET_ALLOW);
    assertThat(policy.decidesByPaths()).isEqualTo(when.startsWith("path"));
  }

  private static boolean deniesSync(Path file, Container container) throws Exception {
    var handlers = Handlers.load(List.of(), Optional.empty(), Asker.NOBODY);
    var policy = new PolicyCompiler(handlers, Map.of()).in(container).compile(file);
    assertThat(policy.notifies()).isFalse();
    int nr = Arch.X86_64.number("sync").orElseThrow();
    var data = SeccompData.of(nr, Arch.X86_64.audit());
    return Simulator.run(policy.filter(), data).action() == DENIED;
  }
}
