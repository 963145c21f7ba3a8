package dev.sluice.supervisor.policy.unit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.handler.Asker;
import dev.sluice.supervisor.handler.Handlers;
import dev.sluice.supervisor.policy.Diagnostic;
import dev.sluice.supervisor.policy.PolicyException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Unit tests of policies: what they may say, and what is said of them.
class PolicyTestsTest {
  private static final String POLICY =
      """
      sluice: v1
      vars: { source: "${SRC}" }
      rules:
      - name: secrets
        on: "@open"
        when: path.under("~/.ssh")
        deny: EACCES
      - name: mine
        on: getpid
        when: task.uid == 7
        return: 3
      - {name: who, on: open, when: path == "/virtual/who", serve: {template: "${task.uid}\\n"}}
      - {name: few, on: getgid, when: "args[0] == 1", allow: , limit: {rate: 5/min, burst: 2}}
      - {name: gone, on: [stat, lstat, newfstatat, statx], when: path == "/gone", hide: }
      - {name: fixed, on: open, when: path == "/fixed", read-only: }
      - {name: outside, on: creat, when: "!path.under(vars.source)", deny: EROFS}
      """;

  @TempDir Path directory;

  @BeforeEach
  void writePolicy() {
    write("p.yaml", POLICY);
  }

  private Path write(String name, String text) {
    try {
      return Files.writeString(directory.resolve(name), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private PolicyTests read(String tests) throws PolicyException {
    return PolicyTests.read(
        write("p.test.yaml", tests),
        Handlers.load(List.of(), Optional.empty(), Asker.NOBODY),
        Map.of("HOME", "/home/me", "SRC", "/src"));
  }

  private List<String> run(String tests) throws PolicyException {
    return read(tests).run().stream().map(result -> shorten(result.toString())).toList();
  }

  private List<String> complaints(String tests) {
    try {
      read(tests);
      return List.of();
    } catch (PolicyException e) {
      return e.diagnostics().stream().map(Diagnostic::toString).map(this::shorten).toList();
    }
  }

  private String shorten(String text) {
    return text.replace(directory + "/", "");
  }

  @Test
  void aTestThatIsRightPasses() throws PolicyException {
    assertThat(
            run(
                """
                task: { uid: 7, cwd: /src }
                tests:
                - name: keys
                  call: openat
                  args: [AT_FDCWD, ~/.ssh/id, O_RDONLY]
                  expect: deny EACCES
                  rule: secrets
                  tier: supervisor
                  class: EMULATED
                - {call: "@open", args: {path: /etc/passwd}, expect: allow, name: all}
                - {call: getpid, expect: return 3, name: seven}
                - {call: open, args: [/virtual/who], expect: serve, content: "7\\n", name: who}
                - {call: open, args: [/fixed], expect: read-only, limit: none, name: fixed}
                - {call: stat, args: [/gone], expect: hide, class: EMULATED, name: gone}
                - {call: getgid, args: ["args[0]=1"], expect: allow, limit: 5/min, name: few}
                - {call: getpid, expect: allow, task: {uid: 8}, name: eight, class: REGISTERS}
                """))
        .containsExactly(
            "p.test.yaml:3:3: passed: 'keys'",
            "p.test.yaml:10:3: failed: 'all': expected allow, got deny EROFS by 'outside'"
                + " (p.yaml:16:3)",
            "p.test.yaml:10:3: passed: 'all'",
            "p.test.yaml:10:3: passed: 'all'",
            "p.test.yaml:10:3: passed: 'all'",
            "p.test.yaml:11:3: passed: 'seven'",
            "p.test.yaml:12:3: passed: 'who'",
            "p.test.yaml:13:3: passed: 'fixed'",
            "p.test.yaml:14:3: passed: 'gone'",
            "p.test.yaml:15:3: passed: 'few'",
            "p.test.yaml:16:3: passed: 'eight'");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{call: getuid, expect: deny EIO, name: t} | expected deny EIO, got allow by 'default'"
            + " (p.yaml:1:1)",
        "{call: open, args: [~/.ssh/id], expect: deny EIO, name: t} | expected deny EIO, got deny"
            + " EACCES by 'secrets' (p.yaml:4:3)",
        "{call: open, args: [~/.ssh/id], expect: deny, rule: other, name: t} | expected deny by"
            + " 'other', got it by 'secrets' (p.yaml:4:3)",
        "{call: getuid, expect: allow, tier: supervisor, name: t} | expected the supervisor to"
            + " decide, not the kernel",
        "{call: getuid, expect: allow, class: RACY, name: t} | expected the class RACY, got KERNEL",
        "{call: getpid, expect: allow, name: t} | the verdict depends on task.uid, which was not"
            + " said",
        "{call: open, args: [/virtual/who], task: {uid: 8}, expect: serve, content: x, name: t} |"
            + " expected another content than \"8\\n\" by 'who' (p.yaml:12:3)",
        "{call: open, args: [/virtual/who], expect: serve, content: x, name: t} | the verdict"
            + " depends on task.uid, which was not said",
        "{call: stat, args: [/gone], expect: hide, content: x, name: t} | expected a content, got"
            + " none by 'gone' (p.yaml:14:3)",
        "{call: getgid, args: ['args[0]=1'], expect: allow, limit: none, name: t} | expected the"
            + " limit none, got 5/min by 'few' (p.yaml:13:3)",
        "{call: getgid, args: ['args[0]=1'], expect: deny, name: t} | expected deny, got allow (at"
            + " most 5/min, 2 at once, then EAGAIN) by 'few' (p.yaml:13:3)",
        "{call: getuid, arch: i386, expect: allow, name: t} | expected allow, got deny ENOSYS",
      })
  void aTestThatFailsSaysWhatWasExpectedAndWhatCame(String test, String failure)
      throws PolicyException {
    assertThat(run("tests:\n- " + test))
        .containsExactly("p.test.yaml:2:3: failed: 't': " + failure);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{expect: allow} | 3: error: 'call' is missing: a system call, or a group such as"
            + " \"@open\"",
        "{call: getpid} | 3: error: 'expect' is missing: a verdict such as allow, or deny EACCES",
        "{call: getpdi, expect: allow} | 10: error: there is no system call 'getpdi' on x86_64;"
            + " did you mean 'getpid'?",
        "{call: \"@opne\", expect: allow} | 10: error: unknown group '@opne'; did you mean"
            + " '@open'?",
        "{call: getpid, expect: alow} | 26: error: 'expect' takes a verdict such as allow, or deny"
            + " EACCES, not 'alow'; did you mean 'allow'?",
        "{call: getpid, expect: pass} | 26: error: 'expect' takes a verdict such as allow, or deny"
            + " EACCES, not 'pass'; there are allow, deny, return, emulate, redirect, serve,"
            + " read-only, hide, ask, kill, trap, trace, log",
        "{call: getpid, expect: deny EACCESS} | 26: error: 'expect' takes a verdict such as allow,"
            + " or deny EACCES, not 'deny EACCESS'; 'EACCESS' is no errno",
        "{call: getpid, expect: allow it} | 26: error: 'expect' takes a verdict such as allow, or"
            + " deny EACCES, not 'allow it'; it has too many words",
        "{call: getpid, expect: allow, tier: both} | 39: error: 'tier' is one of kernel,"
            + " supervisor, not 'both'",
        "{call: getpid, expect: allow, class: safe} | 40: error: 'class' is one of KERNEL,"
            + " REGISTERS, EMULATED, VERIFIED, FLOORED, RACY, not 'safe'",
        "{call: getpid, expect: allow, arch: sparc} | 39: error: unknown architecture 'sparc';"
            + " known are x86_64, i386, aarch64",
        "{call: dup, args: [x], expect: allow} | 21: error: 'fd' takes numbers and constants such"
            + " as O_CREAT, not 'x'",
        "{call: getpid, task: {uuid: 1}, expect: allow} | 31: error: unknown 'uuid' of a task; did"
            + " you mean 'uid'?",
        "{call: getpid, expct: allow} | 18: error: unknown key 'expct' in a test; did you mean"
            + " 'expect'?",
      })
  void whatIsWrongWithATestIsSaidWithItsPlace(String test, String complaint) {
    assertThat(complaints("tests:\n- " + test)).contains("p.test.yaml:2:" + complaint);
  }

  @Test
  void whatIsWrongWithTheFileIsSaid() {
    assertThat(complaints(""))
        .containsExactly(
            "p.test.yaml:1:1: error: the file is empty; tests of a policy begin with 'tests:'");
    assertThat(complaints("[]"))
        .containsExactly(
            "p.test.yaml:1:1: error: a file of tests must be a mapping of keys, not a list");
    assertThat(complaints("{task: {}}"))
        .containsExactly(
            "p.test.yaml:1:1: error: 'tests' is missing: a list of calls, each with what is"
                + " expected");
    assertThat(complaints("{policy: none.yaml, tests: []}"))
        .containsExactly("none.yaml:1:1: error: there is no such file");
  }

  @Test
  void thePolicyIsTheOneOfTheSameName() throws IOException {
    Files.delete(directory.resolve("p.yaml"));
    assertThat(complaints("tests: []"))
        .containsExactly(
            "p.test.yaml:1:1: error: 'policy' is missing: there is no policy of the same name"
                + " beside the tests");
  }

  @Test
  void theTestsSayWhatTheEnvironmentIs() throws PolicyException {
    assertThat(
            run(
                """
                environment: { HOME: /root, SRC: /work }
                tests:
                - {call: creat, args: [/work/x, 0644], expect: allow, name: mine}
                - {call: open, args: [~/.ssh/x, O_RDONLY], expect: deny, name: keys}
                - {call: open, args: [/home/me/.ssh/x, O_RDONLY], expect: allow, name: others}
                """))
        .allMatch(line -> line.contains(": passed: "));
  }

  @Test
  void moreTestsThanAnybodyWritesAreRefused() {
    assertThat(complaints("tests:\n" + "- {call: \"@open\", expect: allow}\n".repeat(3000)))
        .containsExactly(
            "p.test.yaml:2502:3: error: the tests up to here are about more than 10000 calls");
  }
}
