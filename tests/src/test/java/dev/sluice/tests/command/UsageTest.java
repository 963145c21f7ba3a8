package dev.sluice.tests.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Wrong usage and wrong policies: a line that says what is wrong, status 2, and nothing started.
final class UsageTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--plugin=x | unknown option '--plugin', did you mean '--plugins'?; see 'sluice run"
            + " --help'",
        "--frobnicate | unknown option '--frobnicate'; see 'sluice run --help'",
        "--audit /no/such/place | --audit: \"/no/such/place\" cannot be written: No such file or"
            + " directory",
        "--audit kafka:a:1/t | --audit: kafka: is a plug-in: name its directory with --plugins",
        "--audit / | --audit: \"/\" cannot be written: Is a directory",
        "--plugins /no/such/place | plug-ins \"/no/such/place\": No such file or directory",
      })
  void aWrongOptionIsExplained(String options, String error) {
    Path policy = sandbox.lookAtEverything();
    var words = new ArrayList<>(List.of("run", "--policy", policy.toString()));
    words.addAll(List.of(options.split(" ")));
    words.addAll(List.of("--", "touch", "made"));

    explains(sandbox.sluice(words.toArray(String[]::new)).run(), "sluice: " + error);
  }

  /// And not a file with more of them.
  @Test
  void aWordThatBeginsWithAnAtSignIsAWord() {
    sandbox.file("data.json", "{}\n{}\n");
    sandbox.file("empty", "");
    for (String word : List.of("@data.json", "@empty", "@/etc")) {
      Run run = sandbox.command("echo", word, "x").under(sandbox.lookAtEverything()).run();
      assertThat(run.mustSucceed().out()).isEqualTo(word + " x\n");
    }
  }

  @Test
  void aMissingPolicyIsExplained() {
    explains(
        sandbox.sluice("run", "--", "touch", "made").run(),
        "sluice: missing required option: '--policy=FILE'; see 'sluice run --help'");
    explains(
        sandbox.sluice("run", "--policy", "none.yaml", "--", "touch", "made").run(),
        "none.yaml:1:1: error: there is no such file");
    explains(
        sandbox.sluice("run", "--policy", ".", "--", "touch", "made").run(),
        ".:1:1: error: the file cannot be read: Is a directory");
  }

  @Test
  void aMissingCommandIsExplained() {
    String policy = sandbox.lookAtEverything().toString();
    String error = "sluice: missing required parameter: 'COMMAND'; see 'sluice run --help'";

    explains(sandbox.sluice("run", "--policy", policy).run(), error);
    explains(sandbox.sluice("run", "--policy", policy, "--").run(), error);
  }

  @Test
  void anUnknownSubcommandIsExplained() {
    explains(
        sandbox.sluice("frobnicate").run(),
        "sluice: there is no command 'frobnicate'; see 'sluice --help'");
    explains(
        sandbox.sluice("rnu").run(),
        "sluice: there is no command 'rnu', did you mean 'run'?; see 'sluice --help'");
  }

  @Test
  void withoutArgumentsItShowsHowItIsUsed() {
    Run run = sandbox.sluice().run();

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).startsWith("Usage: sluice ");
    String commands = run.err().substring(run.err().indexOf("\n  run "));
    assertThat(commands.split("\n(?=  \\S)", -1))
        .allMatch(each -> each.strip().endsWith(".") || each.isEmpty());
  }

  @Test
  void itSaysItsVersion() {
    assertThat(sandbox.sluice("--version").run().mustSucceed().out())
        .isEqualTo("sluice " + Project.version() + "\n");
  }

  /// Whatever is wrong is said at once, each with its place.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{on: opne, deny: EACCES} | 4:10: error: unknown system call 'opne'; did you mean 'open'?",
        "{on: '@opn', deny: EACCES} | 4:10: error: unknown group '@opn'; did you mean '@open'?",
        "{on: getpid, deny: EACCESS} | 4:24: error: 'deny' takes an errno such as EACCES, not"
            + " 'EACCESS'",
        "{on: getpid, return: five} | 4:26: error: 'return' must be a whole number, not 'five'",
        "{on: getpid, dney: EACCES} | 4:18: error: unknown key 'dney' in a rule; did you mean"
            + " 'deny'?",
        "{on: getpid, deny: EIO, return: 0} | 4:29: error: a rule has one action; this one has deny"
            + " and return",
        "{deny: EACCES} | 4:5: error: 'on' is missing: the calls a rule is about, such as \"@open\""
            + " or mount",
      })
  void aWrongPolicyIsExplained(String rule, String error) {
    Path policy = sandbox.file("wrong.yaml", "sluice: v1\nname: wrong\nrules:\n  - " + rule + "\n");

    Run run = sandbox.sluice("run", "--policy", "wrong.yaml", "--", "touch", "made").run();

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err().lines().toList().getFirst()).isEqualTo("wrong.yaml:" + error);
    assertThat(sandbox.path("made")).doesNotExist();
    assertThat(sandbox.sluice("policy", "check", policy.toString()).run().status()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "audit-open",
        "installed-programs",
        "one-program",
        "pretend-root",
        "protect-secrets",
        "strict",
        "unprivileged-mount"
      })
  void thePoliciesThatAreShippedAreRight(String name) {
    String file = Project.policy(name).toString();

    Run run = sandbox.sluice("policy", "check", file).run();

    assertThat(run.mustSucceed().out())
        .matches(
            "\\Q"
                + file
                + "\\E: [1-9] rules?, a filter of \\d+"
                + " instructions(, no supervisor needed)?\n"
                + "(  [a-z-]+: (KERNEL|REGISTERS|EMULATED|VERIFIED)\n)+");
  }

  private void explains(Run run, String line) {
    assertThat(run.err()).isEqualTo(line + "\n");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(sandbox.path("made")).doesNotExist();
  }
}
