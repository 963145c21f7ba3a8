package dev.sluice.tests.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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

  /// Every second call has to wait for a worker, which answers it before it can record it.
  @Test
  void theCallsOfAThreadComeInItsOrder() {
    int files = 1000;
    String script = "i=0; while [ $i -lt " + files + " ]; do : > f$i; : < f$i; i=$((i+1)); done";
    Run run = sandbox.sluice("run", "--trace", "openat", "--", "sh", "-c", script).run();
    List<String> names =
        Pattern.compile("\"(f\\d+)\", (O_[A-Z]+)")
            .matcher(run.err())
            .results()
            .map(open -> open.group(1) + " " + open.group(2))
            .toList();
    List<String> expected =
        IntStream.range(0, files)
            .boxed()
            .flatMap(i -> Stream.of("f" + i + " O_WRONLY", "f" + i + " O_RDONLY"))
            .toList();
    assertThat(names).isEqualTo(expected);
  }

  @Test
  void itSaysOfBuffersThatAreWrittenWhatStraceSays() throws Exception {
    assumeThat(Path.of("/usr/bin/strace")).exists();
    String program = Project.program("vectors");
    String calls = "writev,vmsplice";
    sandbox
        .command("strace", "-e", "trace=" + calls, "-o", "trace", program, "buffers")
        .run()
        .mustSucceed();
    Run ours = sandbox.sluice("run", "--trace", calls, "--", program, "buffers").run();
    List<String> theirs = withoutResults(Files.readString(sandbox.path("trace")));
    assertThat(withoutResults(ours.err()).subList(0, 2)).isEqualTo(theirs.subList(0, 2));
    assertThat(ours.err())
        .contains("{iov_base=\"more than the thirty-two bytes t\"..., iov_len=45}], 4) = ?")
        // of more than sixteen, and of what nobody can read
        .contains("{iov_base=\"a\", iov_len=1}, ...], 20)")
        .contains("writev(4, [{iov_base=0x8, iov_len=3}], 1)")
        .contains("writev(4, 0x8, 1)");
  }

  private static List<String> withoutResults(String trace) {
    return trace
        .lines()
        .filter(line -> line.contains(") = "))
        .map(line -> line.replaceFirst("^\\[pid +\\d+] ", "").replaceFirst("\\) += .*", ")"))
        .toList();
  }

  @Test
  void itSaysOfBuffersThatAreFilledHowLongTheyAreAndOfMessagesTheFirst() {
    String program = Project.program("vectors");
    String calls = "readv,recvmsg,sendmmsg,recvmmsg";
    Run run = sandbox.sluice("run", "--trace", calls, "--", program, "buffers").run();
    assertThat(run.err())
        .containsPattern(
            "readv\\(3, \\[\\{iov_base=0x\\w+, iov_len=5}, \\{iov_base=0x\\w+, iov_len=20}], 2\\)")
        .containsPattern("recvmsg\\(6, 0x\\w+, 0, \\[\\{iov_base=0x\\w+, iov_len=5}\\]\\)")
        // of several messages the first
        .containsPattern("sendmmsg\\(5, .*, \\[\\{iov_base=\"hello\", iov_len=5}\\]\\)")
        .containsPattern("recvmmsg\\(6, .*, \\[\\{iov_base=0x\\w+, iov_len=5}\\]\\)");
  }

  @Test
  void itSaysOfProgramsWhatStraceSays() throws Exception {
    assumeThat(Path.of("/usr/bin/strace")).exists();
    String script = "/bin/echo 'a b' '' '\\' >/dev/null; exec /bin/true";
    sandbox
        .command(
            "strace",
            "-f",
            "-v",
            "-s",
            "999",
            "-e",
            "trace=execve",
            "-o",
            "trace",
            "sh",
            "-c",
            script)
        .environment("LANG", "C")
        .run()
        .mustSucceed();
    List<String> theirs =
        withoutResults(Files.readString(sandbox.path("trace")).replaceAll("(?m)^\\d+ +", ""));
    Run ours =
        sandbox
            .sluice("run", "-v", "--trace", "execve", "--", "sh", "-c", script)
            .environment("LANG", "C")
            .run();
    // the command itself is not the command's to execute
    assertThat(withoutResults(ours.err()).stream().map(TraceTest::withoutEnvironment))
        .isEqualTo(theirs.stream().skip(1).map(TraceTest::withoutEnvironment).toList());
    assertThat(ours.err()).contains("\"LANG=C\"");
    Run brief = sandbox.sluice("run", "--trace", "execve", "--", "sh", "-c", script).run();
    assertThat(brief.err())
        .containsPattern("execve\\(\"/bin/true\", \\[\"/bin/true\"], 0x\\w+\\) = \\?");
  }

  private static String withoutEnvironment(String call) {
    return call.replaceFirst("], \\[.*", "]");
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
