package dev.sluice.tests.programs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import dev.sluice.tests.harness.Tree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The scripts of `src/test/programs`: real programs, which must not notice that they are
/// supervised. Their output, status and files are the same to the byte. A script that ends with
/// status 77 says what it lacks. Those in `long` are for `tests/soak/run programs`.
final class ProgramsTest {
  private static final Path SCRIPTS = Project.ROOT.resolve("tests/src/test/programs");
  private static final String NEEDS = "# needs: ";
  private static final int LACKS_SOMETHING = 77;

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  static Stream<String> scripts() throws IOException {
    try (var files = Files.list(SCRIPTS)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".sh"))
          .sorted()
          .toList()
          .stream();
    }
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void aProgramDoesNotNoticeThatItsOpensAreRecorded(String script) throws IOException {
    compare(script, command -> command.under(Project.policy("audit-open")));
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void aProgramDoesNotNoticeThatItsFileCallsArePerformedForIt(String script) throws IOException {
    compare(script, command -> command.under(sandbox.lookAtEverything()));
  }

  /// Other programs make and remove files meanwhile, so that no two runs print the same; but
  /// nothing may be out of reach. /tmp is left out for what tests put there, such as directories
  /// too deep for a path.
  @Test
  void theWholeFileSystemCanBeWalked() {
    String find = "find / -xdev -ignore_readdir_race -path /tmp -prune -o -type d -print";
    Run natively = sandbox.shell(find).run();
    Run mediated = sandbox.shell(find).under(sandbox.lookAtEverything()).run();

    assertThat(mediated.status()).as("one of find's own").isLessThan(2);
    assertThat(unreachable(mediated)).isSubsetOf(unreachable(natively));
    assertThat(mediated.lines().size()).isGreaterThan(natively.lines().size() * 9 / 10);
    assertThat(mediated.recordCount()).isGreaterThan(natively.lines().size() * 9L / 10);
  }

  /// What `find` complains about, other than that it is gone again.
  private static List<String> unreachable(Run find) {
    return find.err()
        .lines()
        .filter(line -> !line.endsWith(": No such file or directory"))
        .toList();
  }

  /// Nobody changes these.
  @Test
  void aTreeThatStaysAsItIsLooksTheSame() {
    String find = "find /usr/share -xdev -printf '%p %y %i %m %l\\n'";
    Run natively = sandbox.shell(find).run();
    Run mediated = sandbox.shell(find).under(sandbox.lookAtEverything()).run();

    assertThat(mediated.out().equals(natively.out())).as("the same output").isTrue();
    assertThat(mediated.status()).isEqualTo(natively.status());
  }

  private void compare(String script, UnaryOperator<Command> supervised) throws IOException {
    List<String> lines = Files.readAllLines(SCRIPTS.resolve(script));
    lines.stream().filter(line -> line.startsWith(NEEDS)).forEach(ProgramsTest::assumeInstalled);

    Run natively = run(script, command -> command);
    assumeTrue(natively.status() != LACKS_SOMETHING, natively::out);
    List<String> left = Tree.of(sandbox.path("work"));
    // the same place, as some programs write down where they are
    Files.move(sandbox.path("work"), sandbox.path("native"));
    Run run = run(script, supervised);

    assertThat(run.out()).isEqualTo(natively.out());
    assertThat(run.err()).isEqualTo(natively.err());
    assertThat(run.status()).isEqualTo(natively.status());
    assertThat(Tree.of(sandbox.path("work"))).isEqualTo(left);
    assertThat(run.recordCount()).as("it was supervised indeed").isPositive();
  }

  private Run run(String script, UnaryOperator<Command> how) {
    Path work = sandbox.directory("work");
    Command command = sandbox.command("sh", SCRIPTS.resolve(script).toString()).in(work);
    return how.apply(command.input("typed\n")).run();
  }

  private static void assumeInstalled(String needs) {
    for (String program : needs.substring(NEEDS.length()).split(" ", -1)) {
      boolean found =
          Arrays.stream(System.getenv("PATH").split(":"))
              .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
      assumeTrue(found, () -> program + " is not installed");
    }
  }
}
