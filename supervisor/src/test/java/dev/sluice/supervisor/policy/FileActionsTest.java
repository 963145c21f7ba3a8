package dev.sluice.supervisor.policy;

import static dev.sluice.supervisor.policy.Policies.answer;
import static dev.sluice.supervisor.policy.Policies.compile;
import static dev.sluice.supervisor.policy.Policies.decide;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.handler.Asker;
import dev.sluice.supervisor.handler.Handlers;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.policy.inspect.PolicyReport;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Calls;
import dev.sluice.supervisor.target.Text;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Rules that hide files, serve them, make them read-only; and limits.
class FileActionsTest {
  private static final Arch ARCH = Arch.X86_64;
  private static final String HEAD = "sluice: v1\narchitectures: [x86_64]\nrules:\n";

  private static CompiledPolicy policy(String... rules) {
    return compile(HEAD + "- " + String.join("\n- ", rules) + "\n");
  }

  private static Call call(String name, String... paths) {
    Call call = Calls.of(ARCH, name);
    for (int i = 0; i < paths.length; i++) {
      Calls.givePinned(call, i, paths[i]);
    }
    return call;
  }

  @ParameterizedTest
  @ValueSource(strings = {"open", "openat", "creat", "stat", "lstat", "newfstatat", "statx"})
  void whatIsHiddenIsNotThere(String name) {
    var policy = policy("{when: path.under('/secret'), hide: }");

    var call = call(name, "/secret/x");
    Decision decision = decide(policy, call);

    assertThat(decision.action()).isEqualTo("hide");
    assertThat(decision.verdict())
        .isInstanceOfSatisfying(
            Verdict.Emulate.class,
            emulate ->
                assertThat(emulate.emulation().perform(call))
                    .isEqualTo(Verdict.Fail.of(Errno.ENOENT.number())));
    assertThat(decide(policy, call(name, "/elsewhere")).verdict()).isEqualTo(Verdict.CONTINUE);
  }

  @ParameterizedTest
  @CsvSource({"hide: ", "read-only: ", "'serve: {content: a}'"})
  void anActionAboutFilesIsAboutBothPathsOfACall(String action) {
    var policy = policy("{name: a, when: path == '/x', " + action + "}");

    assertThat(decide(policy, call("rename", "/x", "/y")).rule()).isEqualTo("a");
    assertThat(decide(policy, call("rename", "/y", "/x")).rule()).isEqualTo("a");
    assertThat(decide(policy, call("link", "/y", "/x")).rule()).isEqualTo("a");
    assertThat(decide(policy, call("rename", "/y", "/z")).rule()).isEqualTo("default");
  }

  @Test
  void pathAloneIsOneOfBothForWhatDeniesAndBothForWhatAllows() {
    var deny = policy("{name: a, on: '@rename', when: path == '/x', deny: EIO}");
    var allow = policy("{name: a, on: '@rename', when: path == '/x', allow: }");

    for (var policy : List.of(deny, allow)) {
      assertThat(decide(policy, call("rename", "/x", "/x")).rule()).isEqualTo("a");
      assertThat(decide(policy, call("rename", "/y", "/z")).rule()).isEqualTo("default");
    }
    assertThat(decide(deny, call("rename", "/x", "/y")).rule()).isEqualTo("a");
    assertThat(decide(deny, call("rename", "/y", "/x")).rule()).isEqualTo("a");
    assertThat(decide(allow, call("rename", "/x", "/y")).rule()).isEqualTo("default");
    assertThat(decide(allow, call("rename", "/y", "/x")).rule()).isEqualTo("default");
  }

  @Test
  void whoSpeaksOfTheSecondPathMeansThem() {
    var policy = policy("{name: a, on: '@rename', when: path == '/x' && path2 != '/z', deny: EIO}");

    assertThat(decide(policy, call("rename", "/x", "/y")).rule()).isEqualTo("a");
    assertThat(decide(policy, call("rename", "/y", "/x")).rule()).isEqualTo("default");
    assertThat(decide(policy, call("rename", "/x", "/z")).rule()).isEqualTo("default");
  }

  @Test
  void directoriesAreListedByTheSupervisorOnlyWhereNamesAreHidden() {
    for (String call : List.of("getdents", "getdents64")) {
      assertThat(answer(policy("{when: path.under('/a'), hide: }"), ARCH, call))
          .isEqualTo(Seccomp.RET_USER_NOTIF);
      for (String other : List.of("read-only: ", "deny: EIO, on: '@open'")) {
        assertThat(answer(policy("{when: path.under('/a'), " + other + "}"), ARCH, call))
            .isEqualTo(Seccomp.RET_ALLOW);
      }
    }
  }

  @Test
  void whoMayNotListDirectoriesStillMayNot() {
    var policy = policy("{when: path.under('/a'), hide: }", "{on: getdents64, deny: EPERM}");

    assertThat(answer(policy, ARCH, "getdents64"))
        .isEqualTo(Seccomp.RET_ERRNO | Errno.EPERM.number());
    assertThat(answer(policy, ARCH, "getdents")).isEqualTo(Seccomp.RET_USER_NOTIF);
  }

  /// By the first rule that is about its status, as any other call.
  @Test
  void aNameIsListedUnlessItsStatusIsHidden() {
    var policy =
        policy(
            "{on: newfstatat, when: path == '/a/shown', allow: }",
            "{when: path.under('/a'), hide: }",
            "{on: newfstatat, when: path == '/b', deny: EACCES}",
            "{on: newfstatat, when: path == '/c' && flags == AT_SYMLINK_NOFOLLOW, hide: }");
    var plan = policy.table().planOf(ARCH, ARCH.number(HiddenNames.STATUS).orElseThrow());
    var hidden = new HiddenNames(Optional.ofNullable(plan).orElseThrow());
    var call = call("getdents64");

    assertThat(hidden.contain(call, Text.of("/a/x"))).isTrue();
    assertThat(hidden.contain(call, Text.of("/a/shown"))).isFalse();
    assertThat(hidden.contain(call, Text.of("/b"))).isFalse();
    assertThat(hidden.contain(call, Text.of("/c"))).isTrue();
  }

  @Test
  void aRuleIsNotAboutCallsThatCannotBePerformedAndThatIsSaid() throws PolicyException {
    var emulations = new Without(Set.of("stat", "unlink"));
    String text = HEAD + "- {name: a, when: path.under('/a'), hide: }\n";
    var policy = new PolicyCompiler(emulations, Map.of()).compile("p.yaml", text);

    assertThat(answer(policy, ARCH, "stat")).isEqualTo(Seccomp.RET_ALLOW);
    assertThat(answer(policy, ARCH, "lstat")).isEqualTo(Seccomp.RET_USER_NOTIF);
    assertThat(PolicyReport.of("p.yaml", policy).diagnostics())
        .singleElement()
        .asString()
        .startsWith("p.yaml:4:3: warning: 'a' is not about ")
        .contains(" stat, ", " unlink, ")
        .endsWith(", which sluice cannot perform");
  }

  @Test
  void aServedFileIsFoundBesideThePolicy(@TempDir Path directory)
      throws IOException, PolicyException {
    Files.writeString(directory.resolve("content"), "served\n");
    Path file = directory.resolve("p.yaml");
    Files.writeString(file, HEAD + "- {when: path == '/x', serve: {file: ./content}}\n");
    var policy = new PolicyCompiler(handlers(), Map.of()).compile(file);

    assertThat(decide(policy, call("open", "/x")).verdict())
        .isInstanceOfSatisfying(
            Verdict.Emulate.class,
            emulate ->
                assertThat(emulate.emulation().content().orElseThrow())
                    .hasToString("\"served\\n\""));
  }

  @Test
  void aLimitedCallIsCountedByTheSupervisor() {
    var policy = policy("{on: getppid, allow: , limit: 2/h}", "{on: getpid, allow: }");

    assertThat(answer(policy, ARCH, "getppid")).isEqualTo(Seccomp.RET_USER_NOTIF);
    assertThat(answer(policy, ARCH, "getpid")).isEqualTo(Seccomp.RET_ALLOW);
    assertThat(policy.notifies()).isTrue();
  }

  @Test
  void allCallsOfARuleShareItsLimit() {
    var policy =
        policy(
            "{on: [getppid, getpid], return: 1, limit: {rate: 3/h, otherwise: ENOBUFS}}",
            "{on: getuid, return: 1, limit: 3/h}");
    Limited first = decide(policy, call("getppid")).limit().orElseThrow();
    Limited second = decide(policy, call("getpid")).limit().orElseThrow();
    long now = System.nanoTime();

    assertThat(first.isExceeded(now)).isFalse();
    assertThat(second.isExceeded(now)).isFalse();
    assertThat(first.isExceeded(now)).isFalse();
    assertThat(second.isExceeded(now)).isTrue();
    assertThat(decide(policy, call("getuid")).limit().orElseThrow().isExceeded(now)).isFalse();
    assertThat(second.exceeded().verdict()).isEqualTo(Verdict.Fail.of(Errno.ENOBUFS.number()));
    assertThat(second.exceeded().action()).isEqualTo("limit");
  }

  @ParameterizedTest
  @CsvSource({
    "1/s, 1000000000, 1",
    "10/s, 100000000, 10",
    "90/min, 666666666, 90",
    "1/h, 3600000000000, 1"
  })
  void aRateIsAnIntervalAndAtOnceComesAsMuchAsItSays(String rate, long interval, int burst) {
    var policy = policy("{on: dup, allow: , limit: " + rate + "}");

    assertThat(decide(policy, call("dup")).limit().orElseThrow().limit())
        .isEqualTo(new Limit(rate, interval, burst, Errno.EAGAIN.number()));
  }

  private static Handlers handlers() {
    return Handlers.load(List.of(), Optional.empty(), Asker.NOBODY);
  }

  /// What is built in, but for what performs some calls.
  private record Without(Set<String> calls) implements Emulations {
    @Override
    public Set<String> names() {
      return handlers().names();
    }

    @Override
    public Optional<Set<String>> callsOf(String name) {
      return handlers().callsOf(name);
    }

    @Override
    public Emulation create(String name, Map<String, String> options) {
      return handlers().create(name, options);
    }

    @Override
    public Optional<Emulation> performerOf(String call) {
      return calls.contains(call) ? Optional.empty() : handlers().performerOf(call);
    }

    @Override
    public Emulation asking(Action.Ask ask) {
      return handlers().asking(ask);
    }

    @Override
    public Emulation serving(Template content) {
      return handlers().serving(content);
    }

    @Override
    public Emulation listing(HiddenNames hidden) {
      return handlers().listing(hidden);
    }
  }
}
