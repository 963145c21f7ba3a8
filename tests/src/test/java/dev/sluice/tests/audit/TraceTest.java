package dev.sluice.tests.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// `sluice run --trace`, beside strace(1).
final class TraceTest {
  private static final Pattern CALL =
      Pattern.compile("(?:\\[pid +\\d+] )?(\\w+)\\((.*)\\) += (-?\\d+( [A-Z]+)?).*");

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  /// Calls with their arguments and results, without what differs from run to run.
  private static List<String> calls(String trace) {
    return trace
        .lines()
        .map(CALL::matcher)
        .filter(Matcher::matches)
        .map(call -> call.group(1) + "(" + call.group(2) + ") = " + call.group(3))
        .toList();
  }

  @Test
  void itSaysOfOpensWhatStraceSays() throws Exception {
    assumeThat(Path.of("/usr/bin/strace")).exists();
    // what cat(1) says, it says in pieces, and lines of ours could come between
    String script = "exec 2>/dev/null; cat missing; cat < there > made; exec ls -d .";
    sandbox.file("there", "text");
    Run strace =
        sandbox
            .command(
                "strace",
                "-f",
                "-s",
                "9999",
                "-e",
                "trace=openat",
                "-o",
                "trace",
                "sh",
                "-c",
                script)
            .run();
    String theirs = Files.readString(sandbox.path("trace"));
    Files.delete(sandbox.path("made"));
    Run ours = sandbox.sluice("run", "--trace", "openat", "--", "sh", "-c", script).run();
    assertThat(ours.out()).isEqualTo(strace.out());
    assertThat(calls(ours.err())).isEqualTo(calls(theirs.replaceAll("(?m)^\\d+ +", "")));
    assertThat(calls(ours.err()))
        .contains("openat(AT_FDCWD, \"missing\", O_RDONLY) = -1 ENOENT")
        .contains("openat(AT_FDCWD, \"made\", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 3");
  }

  @Test
  void sumsAreATable() {
    Run run = sandbox.sluice("run", "-c", "--trace", "@open", "--", "cat", "/etc/hostname").run();
    assertThat(run.status()).isZero();
    assertThat(run.err())
        .startsWith("% time     seconds  usecs/call     calls    errors syscall\n")
        .containsPattern("\\d+ +openat\n")
        .containsPattern("\\d+ +total\n");
  }

  @Test
  void aTraceAndAPolicyExcludeEachOther() {
    Run run =
        sandbox
            .sluice(
                "run",
                "--trace",
                "@open",
                "--policy",
                sandbox.lookAtEverything().toString(),
                "--",
                "true")
            .run();
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).isEqualTo("sluice: --trace is for commands without a policy\n");
  }

  @Test
  void aCallThatThereIsNotIsRefused() {
    Run run = sandbox.sluice("run", "--trace", "opnat", "--", "true").run();
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("--trace: there is no call or group 'opnat', did you mean");
  }
}
