package dev.sluice.supervisor.policy;

import static dev.sluice.supervisor.policy.Policies.answer;
import static dev.sluice.supervisor.policy.Policies.compile;
import static dev.sluice.supervisor.policy.Policies.complaintsAbout;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.Calls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// A policy that is to replace another is refused where the filter of the other stands in its way.
class ReplacementTest {
  private static final String HEAD = "sluice: v1\nname: p\n";
  private static final String BY_PATH =
      "{name: secrets, on: '@open', deny: EACCES, when: 'path.under(\"/secret\")'}";

  private static final String BY_ADDRESS =
      "{name: net, on: '@connect', deny: EACCES, when: 'address.ip == \"10.0.0.1\"'}";

  private static String policy(String... lines) {
    return HEAD + String.join("\n", lines) + "\n";
  }

  private static List<String> complaints(String installed, String next) {
    return Policies.complaintsAboutReplacing(compile(installed), next);
  }

  @Test
  void whatIsNotifiedAnywayCanBecomeAnything() {
    String installed = policy("rules:", "- " + BY_PATH);
    assertThat(complaints(installed, installed)).isEmpty();
    assertThat(
            complaints(
                installed,
                policy("rules:", "- {on: '@open', deny: EACCES, when: 'path.under(\"/other\")'}")))
        .isEmpty();
    assertThat(complaints(installed, policy("rules:", "- {on: '@open', deny: ENOENT}"))).isEmpty();
    assertThat(complaints(installed, policy("rules:", "- {on: '@open', kill: process}"))).isEmpty();
  }

  @Test
  void aGuardThatIsInstalledStays() {
    // nothing decides by paths any more, so that mount(2) would be free
    assertThat(complaints(policy("rules:", "- " + BY_PATH), policy("rules: []"))).isEmpty();
  }

  static Stream<Path> shipped() throws IOException {
    try (var files = Files.list(Path.of("../policies"))) {
      return files
          .filter(file -> !file.toString().endsWith(".test.yaml"))
          .sorted()
          .toList()
          .stream();
    }
  }

  @ParameterizedTest
  @MethodSource("shipped")
  void everyPolicyCanTakeItsOwnPlace(Path file) throws IOException {
    String text = Files.readString(file);
    assertThat(complaints(text, text)).isEmpty();
  }

  @Test
  void whatTheKernelDecidesAloneCanTakeThePlaceOfItsLike() {
    String alone = policy("rules:", "- {on: umask, deny: EPERM}");
    assertThat(complaints(alone, policy("rules:", "- {name: u, on: umask, deny: EPERM}")))
        .isEmpty();
    assertThat(complaints(alone, policy("rules:", "- {on: umask, deny: EACCES}")))
        .singleElement()
        .asString()
        .startsWith("p.yaml:4:3: error: 'rule 1' cannot answer 'errno EACCES' to umask before");
  }

  @Test
  void whatNeverAsksCannotBeReplacedByWhatDoes() {
    String alone = policy("rules:", "- {on: umask, deny: EPERM}");
    for (String next :
        List.of(
            policy("rules:", "- " + BY_PATH),
            policy("rules:", "- {on: umask, deny: EPERM, audit: always}"),
            policy("dynamic: umask", "rules:", "- {on: umask, deny: EPERM}"))) {
      assertThat(complaints(alone, next))
          .containsExactly(
              "p.yaml:1:1: error: this policy cannot decide before the command is started anew:"
                  + " the filter that is installed never asks the supervisor, as the kernel decided"
                  + " every call of the policy before");
    }
  }

  @Test
  void guardsOfAddressesStayToo() {
    assertThat(complaints(policy("rules:", "- " + BY_ADDRESS), policy("rules: []"))).isEmpty();
  }

  @Test
  void whatTheFilterLetsPassCannotBeDenied() {
    assertThat(
            complaints(
                policy("rules:", "- " + BY_PATH),
                policy(
                    "rules:",
                    "- " + BY_PATH,
                    "- {name: no-chown, on: [chown, fchown, lchown, fchownat], deny: EPERM}")))
        .containsExactly(
            "p.yaml:5:3: error: 'no-chown' cannot answer 'errno EPERM' to chown, fchown, lchown"
                + " and 1 more before the command is started anew: the filter that is installed"
                + " answers 'allow' by itself; 'dynamic' names calls that it must not decide");
  }

  @Test
  void whatTheFilterDeniesCannotBeAllowed() {
    assertThat(
            complaints(
                policy("dynamic: '@open'", "rules:", "- {on: umask, deny: EPERM}"),
                policy("rules:", "- {name: low, on: umask, deny: EPERM, when: 'mask < 64'}")))
        .containsExactly(
            "p.yaml:1:1: error: 'default' cannot answer 'allow' to umask before the command is"
                + " started anew: the filter that is installed answers 'errno EPERM' by itself;"
                + " 'dynamic' names calls that it must not decide");
  }

  @Test
  void whatOnlyTheKernelCanDoIsNotLeftToTheSupervisor() {
    assertThat(
            complaints(
                policy("dynamic: umask", "rules: []"), policy("rules:", "- {on: umask, trap: }")))
        .containsExactly(
            "p.yaml:4:3: error: 'rule 1' cannot answer 'trap 0' to umask before the command is"
                + " started anew: only the kernel can do that, and its filter leaves the call to"
                + " the supervisor");
  }

  @Test
  void whatIsDynamicCanBeDecidedLater() {
    String installed = policy("dynamic: ['@open', '@chown']", "rules: []");
    var compiled = compile(installed);
    assertThat(compiled.notifies()).isTrue();
    assertThat(answer(compiled, Arch.X86_64, "chown")).isEqualTo(Seccomp.RET_USER_NOTIF);
    assertThat(answer(compiled, Arch.X86_64, "getpid")).isEqualTo(Seccomp.RET_ALLOW);
    // with paths to decide by come guards
    assertThat(complaints(installed, policy("rules:", "- " + BY_PATH))).isEmpty();
    assertThat(
            complaints(installed, policy("rules:", "- {on: '@chown', return: 0}", "- " + BY_PATH)))
        .isEmpty();
  }

  @Test
  void whatIsDynamicCanBeDecidedByProgramLater() {
    String next = "- {on: umask, deny: EPERM, when: 'task.exe == \"/usr/bin/env\"'}";
    assertThat(complaints(policy("dynamic: umask", "rules: []"), policy("rules:", next))).isEmpty();
  }

  @Test
  void whatIsDynamicCanBeDecidedByAddressLater() {
    String dynamic = "dynamic: ['@rename', '@connect']";
    String installed = policy(dynamic, "rules: []");
    String next = policy(dynamic, "rules:", "- " + BY_ADDRESS);
    assertThat(complaints(installed, next)).isEmpty();
    assertThat(complaints(next, installed)).isEmpty();
    var compiled = compile(installed);
    for (String call : List.of("socket", "setsockopt")) {
      assertThat(answer(compiled, Arch.X86_64, call)).as(call).isEqualTo(Seccomp.RET_USER_NOTIF);
      assertThat(Policies.decide(compiled, Calls.of(Arch.X86_64, call)).audit())
          .as(call)
          .isEqualTo(AuditMode.NEVER);
    }
    var without = compile(policy("dynamic: '@rename'", "rules: []"));
    assertThat(answer(without, Arch.X86_64, "socket")).isEqualTo(Seccomp.RET_ALLOW);
  }

  @Test
  void whatIsDynamicIsDecidedAsTheRulesSay() {
    var policy = compile(policy("dynamic: '@chown'", "rules:", "- {on: chown, deny: EPERM}"));
    var chown = Policies.decide(policy, Calls.of(Arch.X86_64, "chown"));
    assertThat(chown.verdict()).isEqualTo(Verdict.Fail.of(Errno.EPERM.number()));
    var fchown = Policies.decide(policy, Calls.of(Arch.X86_64, "fchown"));
    assertThat(fchown.verdict()).isEqualTo(Verdict.CONTINUE);
    assertThat(fchown.audit()).isEqualTo(AuditMode.NEVER);
  }

  @ParameterizedTest
  @CsvSource({"log, []", "allow, '[{on: \"@chown\", log: }]'"})
  void whatIsLoggedCanBeDynamicAndLeavesARecordThen(String otherwise, String rules) {
    String head = "default: " + otherwise;
    String installed = policy(head, "dynamic: '@chown'", "rules: " + rules);
    var policy = compile(installed);
    assertThat(answer(policy, Arch.X86_64, "chown")).isEqualTo(Seccomp.RET_USER_NOTIF);
    var chown = Policies.decide(policy, Calls.of(Arch.X86_64, "chown"));
    assertThat(chown.verdict()).isEqualTo(Verdict.CONTINUE);
    assertThat(chown.audit()).isEqualTo(AuditMode.WHEN_NOTIFIED);
    assertThat(complaints(installed, policy(head, "rules:", "- {on: '@chown', deny: EPERM}")))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"trap: , trap", "trace: 1, trace", "kill: thread, kill"})
  void whatOnlyTheKernelCanDoIsNotDynamic(String action, String keyword) {
    String dynamic = policy("dynamic: umask", "rules:", "- {on: [umask, sync], " + action + "}");
    assertThat(complaintsAbout(dynamic))
        .containsExactly(
            "p.yaml:5:3: error: only the kernel can '"
                + keyword
                + "', and 'dynamic' leaves umask to the supervisor; use deny, or kill: process");
  }

  @Test
  void whatDependsOnArgumentsIsComparedThere() {
    String installed =
        policy("dynamic: '@open'", "rules:", "- {on: kill, deny: EPERM, when: 'sig == 9'}");
    assertThat(
            complaints(
                installed,
                policy("rules:", "- {on: kill, deny: EPERM, when: '!(sig != SIGKILL)'}")))
        .isEmpty();
    assertThat(
            complaints(
                installed, policy("rules:", "- {on: kill, deny: EPERM, when: 'sig in [9, 15]'}")))
        .singleElement()
        .asString()
        .startsWith("p.yaml:4:3: error: 'rule 1' cannot answer 'errno EPERM' to kill before");
  }

  @Test
  void anArchitectureMoreIsRefused() {
    assertThat(
            complaints(
                policy("architectures: [x86_64]", "dynamic: umask", "rules: []"),
                policy("architectures: [x86_64, i386]", "rules: []")))
        .hasSize(3)
        .first()
        .asString()
        .startsWith("p.yaml:1:1: error: 'default' cannot answer 'allow' to ");
  }

  private static String profile(String action, String... architectures) {
    String names =
        Stream.of(architectures)
            .map(name -> "\"SCMP_ARCH_" + name + "\"")
            .collect(Collectors.joining(", "));
    return """
    {"defaultAction": "SCMP_ACT_%s", "architectures": [%s],
     "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_NOTIFY"}]}
    """
        .formatted(action, names);
  }

  @Test
  void callsOfX32AreCompared() {
    String installed = profile("ALLOW", "X86_64", "X32");
    assertThat(complaints(installed, installed)).isEmpty();
    assertThat(complaints(installed, profile("ALLOW", "X86_64")))
        .hasSize(2)
        .first()
        .asString()
        .startsWith(
            "p.yaml:1:1: error: 'default' cannot answer 'kill thread' to read of x32, write of x32,"
                + " open of x32 and ");
  }

  /// Whatever they fail with, as those of other architectures.
  @Test
  void callsOfX32AreNotComparedWhereNobodyMayMakeThem() {
    assertThat(
            complaints(
                profile("ERRNO", "X86_64"),
                policy(
                    "default: deny",
                    "rules:",
                    "- {on: [io_uring_setup, io_uring_enter, io_uring_register, seccomp],"
                        + " deny: EPERM}",
                    "- {on: mkdir, audit: always, allow: }")))
        .isEmpty();
  }

  /// Each of these can hold in two ways, and all that are before it in all of theirs.
  private static String ofManyWays(IntStream bits) {
    String when =
        bits.mapToObj(i ->
                "(math.bitAnd(args[0], %d) != 0 || math.bitAnd(args[1], %d) != 0)"
                    .formatted(1 << i, 1 << i))
            .collect(Collectors.joining(" && "));
    return policy("dynamic: umask", "rules:", "- {on: kill, deny: EPERM, when: '" + when + "'}");
  }

  @Test
  void filtersOfTooManyWaysAreNotCompared() {
    String policy = ofManyWays(IntStream.range(0, 13));
    String sameInAnotherOrder = ofManyWays(IntStream.range(0, 13).map(i -> 12 - i));

    assertThat(complaints(policy, sameInAnotherOrder))
        .containsExactly(
            "p.yaml:1:1: error: the installed filter cannot be compared with that of this policy:"
                + " more than 4000000 steps");
  }

  @Test
  void aPolicyCanAlwaysTakeItsOwnPlace() {
    String policy = ofManyWays(IntStream.range(0, 13));

    assertThat(complaints(policy, policy)).isEmpty();
  }

  @Test
  void hundredsOfValuesAreCompared() {
    String rule = "- {on: ioctl, deny: EACCES, when: 'op in [%s]'}";
    List<String> values =
        IntStream.range(1, 700)
            .mapToObj(Integer::toString)
            .collect(Collectors.toCollection(ArrayList::new));
    String policy = policy("rules:", rule.formatted(String.join(", ", values)));
    Collections.reverse(values);
    String reversed = policy("rules:", rule.formatted(String.join(", ", values)));
    String more = policy("rules:", rule.formatted("5000, " + String.join(", ", values)));

    assertThat(complaints(policy, policy)).isEmpty();
    assertThat(complaints(policy, reversed)).isEmpty();
    assertThat(complaints(policy, more))
        .containsExactly(
            "p.yaml:4:3: error: 'rule 1' cannot answer 'errno EACCES' to ioctl before the command"
                + " is started anew: the filter that is installed answers 'allow' by itself;"
                + " 'dynamic' names calls that it must not decide");
  }
}
