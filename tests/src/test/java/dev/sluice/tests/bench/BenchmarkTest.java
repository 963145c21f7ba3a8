package dev.sluice.tests.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.tests.harness.Project;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `tests/bench/run`, and what it finds that does not depend on the machine. How long things take
/// is nothing a test can assert.
final class BenchmarkTest {
  private static final Path SCRIPT = Project.ROOT.resolve("tests/bench/run");

  /// Lines of JSON; one run serves all tests.
  private static final List<String> LINES = run();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "getppid",
        "open",
        "open-secret",
        "stat",
        "statx",
        "access",
        "readlink",
        "getxattr"
      })
  void nothingIsAllocatedFor(String call) {
    assertThat(LINES)
        .contains("{\"row\":\"allocated: " + call + "\",\"bytes\":0.000,\"goal\":0,\"met\":true}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "getppid answered with a constant",
        "open and close, performed",
        "open denied by its path",
        "stat, performed",
        "stat, beside the kernel alone",
        "open and close, continued and recorded",
        "a call that is not notified",
        "getppid answered by strace(1)",
        "the same by a bare ptrace loop",
        "the same, stopped by a filter only",
        "open and close, recorded by strace(1)",
        "a program started and awaited, looked at",
        "each call that docker's profile refuses",
        "personality, decided by its argument",
        "clone, decided by its flags",
      })
  void everyRowHasFigures(String row) {
    assumeTrue(
        canCompare() || !isOfProfile(row), "there is no profile of docker, or no libseccomp");
    assertThat(LINES)
        .anySatisfy(line ->
            assertThat(line)
                .contains("\"row\":\"" + row + "\"")
                .containsPattern("\"ours_p50_ns\":[1-9]")
                .containsPattern("\"other_p50_ns\":[1-9]"));
  }

  /// How many instructions are executed does not depend on the machine either.
  @ParameterizedTest
  @ValueSource(strings = {"mean", "worst"})
  void aFilterExecutesNoMoreThanLibseccomps(String which) {
    assumeTrue(canCompare(), "there is no profile of docker, or no libseccomp");
    assertThat(LINES)
        .anySatisfy(line ->
            assertThat(line)
                .contains("\"row\":\"instructions executed, " + which + "\"")
                .containsPattern("\"ours\":[1-9]")
                .containsPattern("\"libseccomp\":[1-9]")
                .contains("\"met\":true"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"compile 1,000 rules", "decide by 100 rules"})
  void largePoliciesHaveFigures(String row) {
    assertThat(LINES)
        .anySatisfy(line ->
            assertThat(line).contains("\"row\":\"" + row + "\"").containsPattern("\"ns\":[1-9]"));
  }

  @Test
  void whatCannotBeComparedIsSaid() throws IOException, InterruptedException {
    var builder =
        new ProcessBuilder(
            "awk",
            "-v",
            "missing=there is no header seccomp.h (libseccomp-dev)",
            "-f",
            Project.ROOT.resolve("tests/bench/summary.awk").toString());
    Process process = builder.redirectError(Redirect.INHERIT).start();
    try (var writer = process.outputWriter()) {
      writer.write("row 0 our-filter libseccomp difference 0 clone, decided by its flags\n");
    }
    String table = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    String reason = " +not measured: there is no header seccomp\\.h \\(libseccomp-dev\\)";
    assertThat(table)
        .containsPattern("clone, decided by its flags" + reason)
        .containsPattern("instructions executed, worst" + reason);
  }

  /// The test of the message above is all there is where it is given.
  private static boolean canCompare() {
    return LINES.stream().noneMatch(line -> line.contains("\"missing\":"));
  }

  private static boolean isOfProfile(String row) {
    return row.contains("docker") || row.contains("decided by its");
  }

  @Test
  void theFirstLineSaysWhatItWasMeasuredOn() {
    assertThat(LINES.getFirst()).contains("\"kernel\":", "\"cores\":", "\"load_before\":");
  }

  private static List<String> run() {
    try {
      var builder = new ProcessBuilder(SCRIPT.toString(), "--quick", "--json");
      builder.environment().put("SLUICE_NO_BUILD", "1");
      Process process = builder.redirectError(Redirect.INHERIT).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as("status of tests/bench/run").isZero();
      return output.lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
