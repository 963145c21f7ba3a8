package dev.sluice.supervisor.policy.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.Policies;
import dev.sluice.supervisor.policy.SafetyClass;
import dev.sluice.supervisor.policy.explain.Explanation.Tier;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.syscall.PathParameter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What becomes of a call that is only described, and the words for it.
class ExplainerTest {
  private static final CompiledPolicy POLICY =
      Policies.compile(
          """
          sluice: v1
          name: p
          architectures: [x86_64, i386]
          rules:
          - name: secrets
            on: "@open"
            when: path.under("/secret") || path.glob("**/.env")
            deny: EACCES
          - name: writes
            on: "@open"
            when: access.write && !path.under("/tmp")
            deny: EROFS
          - name: git
            on: getpid
            when: task.gid == 3 && task.uid == 5
            return: 1
          - name: sockets
            on: socket
            when: domain == AF_INET6 || type.has(SOCK_CLOEXEC)
            deny: EAFNOSUPPORT
          - name: groups
            on: setgroups
            kill: process
          - {name: slow, on: nanosleep, when: 'args[0] == 5', log: }
          - {name: programs, on: "@exec", when: path.under("/opt"), deny: EACCES}
          - {name: places, on: chroot, when: path.under("/opt"), allow: , audit: always}
          - {name: racy, on: chdir, when: task.cwd == "/a", allow: , unsafe: continue}
          """);

  private static Explanation explain(String call, String words, String... facts) {
    return new Explainer(POLICY).explain(describe(Arch.X86_64, call, words, facts));
  }

  private static DescribedCall describe(Arch arch, String call, String words, String... facts) {
    DescribedTask task = DescribedTask.UNKNOWN;
    for (String fact : facts) {
      String[] both = fact.split("=", 2);
      task = task.with(both[0], both[1], "/home/me");
    }
    List<String> list = Stream.of(words.split(" ", -1)).filter(word -> !word.isEmpty()).toList();
    return CallReader.read(arch, call, list, task, "/home/me");
  }

  @Test
  void namesTheRuleAndThePartOfItsConditionThatHolds() {
    Explanation explanation = explain("openat", "AT_FDCWD /secret/key O_RDONLY");

    assertThat(explanation.verdict()).isEqualTo("deny EACCES");
    assertThat(explanation.rule()).isEqualTo("secrets");
    assertThat(explanation.tier()).isEqualTo(Tier.SUPERVISOR);
    assertThat(explanation.safety()).isEqualTo(SafetyClass.EMULATED);
    assertThat(explanation.because())
        .containsExactly(
            "applied: 'secrets' (p.yaml:5:3): path.under(\"/secret\") holds, as path is"
                + " \"/secret/key\"");
  }

  @Test
  void saysOfEachRuleThatIsPassedOverWhichPartDoesNotHold() {
    assertThat(explain("openat", "AT_FDCWD /x O_RDONLY").because())
        .containsExactly(
            "passed over: 'secrets' (p.yaml:5:3): path.under(\"/secret\") and"
                + " path.glob(\"**/.env\") do not hold, as path is \"/x\"",
            "passed over: 'writes' (p.yaml:9:3): access.write does not hold, as flags is O_RDONLY",
            "applied: the default (p.yaml:1:1): no rule holds");
    assertThat(explain("openat", "AT_FDCWD /tmp/x O_WRONLY|O_CREAT").because().get(1))
        .isEqualTo(
            "passed over: 'writes' (p.yaml:9:3): !path.under(\"/tmp\") does not hold, as path is"
                + " \"/tmp/x\"");
  }

  @Test
  void keepsTheNamesOfConstants() {
    assertThat(explain("socket", "domain=AF_INET6 type=SOCK_STREAM").because())
        .containsExactly(
            "applied: 'sockets' (p.yaml:17:3): domain == AF_INET6 holds, as domain is AF_INET6");
    assertThat(explain("socket", "AF_UNIX SOCK_STREAM").because().getFirst())
        .isEqualTo(
            "passed over: 'sockets' (p.yaml:17:3): domain == AF_INET6 and type.has(SOCK_CLOEXEC) do"
                + " not hold, as domain is AF_UNIX, type is SOCK_STREAM");
  }

  @Test
  void saysWhyAGuardDecides() {
    assertThat(explain("mount", "fstype=tmpfs flags=MS_BIND").because())
        .containsExactly(
            "applied: a guard: !flags.has(MS_REMOUNT) and flags.has(MS_BIND) hold, as flags is"
                + " MS_BIND: it shows a directory in another place, where the policy's paths do not"
                + " look for it");
    assertThat(explain("io_uring_setup", "").because())
        .containsExactly("applied: a guard: io_uring does what calls do without making them");
    assertThat(explain("open_by_handle_at", "").because())
        .containsExactly(
            "applied: a guard: a handle leads to a file by a path that nobody looked at");
    assertThat(
            explain("seccomp", "SECCOMP_SET_MODE_FILTER SECCOMP_FILTER_FLAG_NEW_LISTENER")
                .verdict())
        .isEqualTo("deny EBUSY");
    assertThat(explain("prlimit64", "pid=42 resource=1 args[2]=4096").because().getFirst())
        .isEqualTo(
            "passed over: a guard: supervisor(pid) == 1 does not hold, as it is described as"
                + " another's");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      emptyValue = "",
      value = {
        "setgroups | 0 NULL                | kill process | groups  | kernel     | KERNEL",
        "getuid    | ''                    | allow        | default | kernel     | KERNEL",
        "nanosleep | args[0]=5             | log          | slow    | kernel     | KERNEL",
        "openat    | AT_FDCWD /a O_PATH    | allow        | default | supervisor | FLOORED",
        "openat2   | AT_FDCWD /a O_RDWR    | deny EROFS   | writes  | supervisor | EMULATED",
        "creat     | /a 0644               | deny EROFS   | writes  | supervisor | EMULATED",
        "openat    | AT_FDCWD NULL 0       | deny EFAULT  | ''      | supervisor | EMULATED",
        "open      | ~/.env 0              | deny EACCES  | secrets | supervisor | EMULATED",
        "open      | /a/../secret/./x 0    | deny EACCES  | secrets | supervisor | EMULATED",
      })
  void decidesInBothTiers(
      String call, String words, String verdict, String rule, String tier, SafetyClass safety) {
    Explanation explanation = explain(call, words);

    assertThat(explanation.verdict()).isEqualTo(verdict);
    assertThat(explanation.rule()).isEqualTo(rule);
    assertThat(explanation.tier()).hasToString(tier);
    assertThat(explanation.safety()).isEqualTo(safety);
  }

  @Test
  void bitsAreComparedWithoutASign() {
    var explainer =
        new Explainer(
            Policies.compile(
                "{sluice: v1, rules: [{on: lseek, when: 'math.bitAnd(offset, -1) > 5',"
                    + " deny: EIO}]}"));

    assertThat(explainer.explain(describe(Arch.X86_64, "lseek", "0 -1 0")).verdict())
        .isEqualTo("deny EIO");
    assertThat(explainer.explain(describe(Arch.X86_64, "lseek", "0 5 0")).verdict())
        .isEqualTo("allow");
  }

  @Test
  void aMessageWithoutAnAddressIsSaidToHaveNone() {
    var explainer =
        new Explainer(
            Policies.compile(
                "{sluice: v1, rules: [{on: '@connect', when: address.port == 22, deny: EACCES}]}"));

    assertThat(explainer.explain(describe(Arch.X86_64, "sendmsg", "3 address=NULL")).because())
        .first()
        .asString()
        .contains("given(address) == 1 does not hold, as given(address) is 0");
  }

  /// As fstat(3) and futimens(3) are made of them.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "newfstatat | 3        | ''   | AT_EMPTY_PATH | 3",
        "statx      | 4        | ''   | AT_EMPTY_PATH | 4",
        "readlinkat | 5        | ''   | 0             | 5",
        "utimensat  | 6        | NULL | 0             | 6",
        "setxattrat | 7        | NULL | AT_EMPTY_PATH | 7",
      })
  void aDescriptorInsteadOfAPathIsWhatACallIsAbout(
      String call, String dirfd, String path, String flags, int descriptor) {
    DescribedCall described = describeAt(call, dirfd, path, flags);

    assertThatThrownBy(() -> new Explainer(UNDER_A).decide(described))
        .isInstanceOf(UndescribedException.class)
        .hasMessage(
            "the verdict depends on what descriptor %d refers to, which was not said: give its"
                + " path",
            descriptor);
  }

  @Test
  void withoutADescriptorOrItsFlagThereIsNoFile() {
    var explainer = new Explainer(UNDER_A);

    assertThat(
            explainer.decide(describeAt("newfstatat", "AT_FDCWD", "", "AT_EMPTY_PATH")).verdict())
        .isEqualTo("deny EACCES"); // the working directory
    assertThat(explainer.decide(describeAt("newfstatat", "3", "", "0")).verdict())
        .isEqualTo("deny ENOENT");
    assertThat(explainer.decide(describeAt("utimensat", "AT_FDCWD", "NULL", "0")).verdict())
        .isEqualTo("deny EFAULT");
    assertThatThrownBy(() ->
            explainer.decide(
                CallReader.read(
                    Arch.X86_64, "newfstatat", List.of("3", ""), DescribedTask.UNKNOWN, "/")))
        .hasMessage("the verdict depends on flags, which was not said");
  }

  @Test
  void aMountWithoutASourceHasNone() {
    var policy =
        Policies.compile(
            "{sluice: v1, rules: [{on: mount, when: 'source == \"\"', deny: EACCES}]}");
    DescribedCall call =
        CallReader.read(
            Arch.X86_64,
            "mount",
            List.of("NULL", "/mnt", "tmpfs", "0", "NULL"),
            DescribedTask.UNKNOWN,
            "/");

    assertThat(new Explainer(policy).decide(call).verdict()).isEqualTo("deny EACCES");
  }

  private static final CompiledPolicy UNDER_A =
      Policies.compile(
          "{sluice: v1, rules: [{on: ['@stat', '@modify'], when: path.under(\"/a\"),"
              + " deny: EACCES}]}");

  private static DescribedCall describeAt(String call, String dirfd, String path, String flags) {
    int last = PathParameter.of(Arch.X86_64, call).getFirst().flags();
    var words = new ArrayList<>(List.of(dirfd, path));
    if (last >= 0) {
      words.add("args[" + last + "]=" + flags);
    }
    DescribedTask task = DescribedTask.UNKNOWN.with("cwd", "/a/b", "/");
    return CallReader.read(Arch.X86_64, call, words, task, "/");
  }

  @Test
  void asksTheTaskOnlyWhatDecides() {
    assertThat(explain("getpid", "", "gid=3", "uid=5").verdict()).isEqualTo("return 1");
    assertThat(explain("getpid", "", "gid=3", "uid=6").verdict()).isEqualTo("allow");
    assertThat(explain("getpid", "", "uid=6").verdict()).isEqualTo("allow");
    assertThatThrownBy(() -> explain("getpid", "", "uid=5"))
        .isInstanceOf(UndescribedException.class)
        .hasMessage("the verdict depends on task.gid, which was not said");
  }

  @Test
  void aRaceIsSaidToBeOne() {
    assertThat(explain("chdir", "/b", "cwd=/a").safety()).isEqualTo(SafetyClass.RACY);
  }

  @Test
  void whatIsPerformedIsNoRaceWhateverARuleAccepts() {
    var explainer =
        new Explainer(
            Policies.compile(
                """
                sluice: v1
                rules:
                - {on: ["@open", "@exec"], when: path.under("/etc"), deny: EACCES}
                - {on: "@open", when: path == "/var/tmp/x", deny: EACCES, unsafe: continue}
                - {on: ["@open", "@exec"], allow: , unsafe: continue}
                """));
    var open = describe(Arch.X86_64, "openat", "AT_FDCWD /tmp/x O_RDONLY");
    assertThat(explainer.explain(open).safety()).isEqualTo(SafetyClass.EMULATED);
    var execute = describe(Arch.X86_64, "execve", "/bin/sh 0 0");
    assertThat(explainer.explain(execute).safety()).isEqualTo(SafetyClass.VERIFIED);
  }

  @Test
  void whatTheKernelExecutesIsSaidToBeVerifiedOrNotWorthDenying() {
    assertThat(explain("execve", "/opt/a 0 0").safety()).isEqualTo(SafetyClass.VERIFIED);
    assertThat(explain("execve", "/bin/sh 0 0").safety()).isEqualTo(SafetyClass.VERIFIED);
    assertThat(explain("chroot", "/opt").safety()).isEqualTo(SafetyClass.FLOORED);
    assertThat(explain("chroot", "/").safety()).isEqualTo(SafetyClass.FLOORED);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "openat | AT_FDCWD        | the verdict depends on path, which was not said",
        "openat | path=/x         | the verdict depends on flags, which was not said",
        "openat2 | path=/x        | the verdict depends on flags, which was not said",
        "openat | AT_FDCWD a 0    | the verdict depends on task.cwd, which was not said",
        "nanosleep | args[1]=1    | the verdict depends on rqtp, which was not said",
        "openat | 5 a 0 | 'a' is relative to descriptor 5, and where that is was not said: give an"
            + " absolute path",
      })
  void whatDecidesAndWasNotSaidIsNamed(String call, String words, String message) {
    assertThatThrownBy(() -> explain(call, words))
        .isInstanceOf(UndescribedException.class)
        .hasMessage(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "opnat  | 0           | there is no system call 'opnat' on x86_64; did you mean 'openat'?",
        "openat | flgs=0      | openat has no 'flgs'; did you mean 'flags'?",
        "openat | resolution=0 | openat has no 'resolution'; it takes dirfd, pathname, flags, mode",
        "getpid | 0           | '0' is one too many: getpid takes no arguments",
        "dup    | 1 2         | '2' is one too many: dup takes fd",
        "dup    | 1 fd=2      | 'fd' is given twice",
        "dup    | x           | 'fd' takes numbers and constants such as O_CREAT, not 'x'",
        "dup    | 4294967296  | 'fd' has 32 bits: 4294967296",
        "connect | address=x  | 'x' is no address; these are: 10.0.0.1:443, [fd00::1]:443,"
            + " unix:/run/name, unix:@name, unspec",
        "openat | flags=O_CRAET | 'flags' takes numbers and constants such as O_CREAT, not"
            + " 'O_CRAET'; did you mean 'O_CREAT'?",
      })
  void wrongWordsAreExplained(String call, String words, String message) {
    assertThatThrownBy(() -> explain(call, words))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void theAddressOfAUnixSocketIsShort() {
    String path = "/" + "x".repeat(108);
    assertThatThrownBy(() -> explain("connect", "address=unix:" + path))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'" + path + "' is longer than the 108 bytes of a unix socket's address");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      value = {
        "uuid=1 ! unknown 'uuid' of a task; did you mean 'uid'?",
        "colour=1 ! unknown 'colour' of a task; there are uid, gid, pid, tid, caps, comm, exe, cwd",
        "uid=-1 ! 'task.uid' is from 0 to 4294967295",
        "pid=4294967295 ! 'task.pid' is from 0 to 2147483647",
        "caps=5 ! 'task.caps' takes capabilities such as CAP_KILL|CAP_CHOWN, all or none, not '5'",
        "comm=0123456789abcdef ! 'task.comm' has 15 bytes at most, not '0123456789abcdef'",
        "cwd=src ! 'task.cwd' is absolute, or below ~",
      },
      quoteCharacter = '"')
  void wrongFactsOfTheTaskAreExplained(String fact, String message) {
    assertThatThrownBy(() -> explain("getpid", "", fact))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void callsOfOtherArchitecturesAreDecidedByTheirOwnRegisters() {
    var other = new Explainer(POLICY).explain(describe(Arch.I386, "socket", "AF_INET6 0 0"));
    assertThat(other.verdict()).isEqualTo("deny EAFNOSUPPORT");

    var none = new Explainer(POLICY).explain(describe(Arch.AARCH64, "getpid", ""));
    assertThat(none.verdict()).isEqualTo("deny ENOSYS");
    assertThat(none.because())
        .containsExactly("the policy is for x86_64, i386: calls of aarch64 fail");
  }
}
