package dev.sluice.tests.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Whatever changes between the look at a path and what is done with what it leads to: that is done
/// to what was looked at. `tests/soak/run toctou` does the same for longer.
final class ToctouTest {
  private static final String SECONDS = "0.1";
  private static final int ENOUGH = 200;

  /// A program is not executed as fast as a file is opened.
  private static final int ENOUGH_PROGRAMS = 50;

  private static final List<String> DIRECTORIES =
      List.of("memory", "directory", "cwd", "descriptor", "magic", "mount", "bind", "move");

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void whatAPathLedToIsOpened() throws IOException {
    attack("open", "@open", and("symlink"), this::text);
  }

  @Test
  void whatAPathLedToIsOpenedTheWayThatWasLookedAt() throws IOException {
    attack("openat2", "@open", List.of("how"), this::text);
  }

  @Test
  void whatAPathLedToIsLookedAt() throws IOException {
    attack("stat", "@stat", and("symlink", "file"), this::text);
  }

  @Test
  void whatAPathLedToIsChanged() throws IOException {
    attack("chmod", "@modify", and("symlink"), this::text);
  }

  @Test
  void whereAPathLedToSomethingIsMade() throws IOException {
    attack("mkdir", "@modify", DIRECTORIES, this::nothing);
  }

  @Test
  void whatAPathLedToIsExecuted() throws IOException {
    attack("exec", "@exec", and("symlink", "file", "script"), this::program);
  }

  private static List<String> and(String... changes) {
    return Stream.concat(DIRECTORIES.stream(), Stream.of(changes)).toList();
  }

  /// Makes the file of one side.
  private interface Maker {
    void make(Path file, String side) throws IOException;
  }

  private void nothing(Path file, String side) {}

  private void text(Path file, String side) throws IOException {
    Files.writeString(file, side);
  }

  /// A program that says which file it was executed from.
  private void program(Path file, String side) throws IOException {
    Files.copy(Path.of(Project.program("marked")), file);
    Files.writeString(file, side.substring(0, 1), StandardOpenOption.APPEND);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private void attack(String call, String family, List<String> changes, Maker maker)
      throws IOException {
    int enough = call.equals("exec") ? ENOUGH_PROGRAMS : ENOUGH;
    Command natively = attack("native", call, changes, maker, enough);
    Command mediated = attack("mediated", call, changes, maker, enough);
    Path policy = policyAgainst(family, sandbox.path("mediated/*/denied/file"));

    assertThat(counts(natively.run()))
        .containsOnlyKeys(changes)
        .allSatisfy((change, counts) -> {
          assertThat(counts.of("wins")).as("natively: %s %s", change, counts).isPositive();
          assertThat(counts.of("allowed")).as("natively: %s %s", change, counts).isPositive();
        });
    assertThat(counts(mediated.under(policy).run()))
        .containsOnlyKeys(changes)
        .allSatisfy((change, counts) -> {
          assertThat(counts.of("wins")).as("mediated: %s %s", change, counts).isZero();
          assertThat(counts.of("allowed")).as("mediated: %s %s", change, counts).isPositive();
          assertThat(counts.of("denied")).as("mediated: %s %s", change, counts).isPositive();
        });
  }

  /// What the attacks do to change a path, and mounts, which are denied otherwise, the kernel does.
  private Path policyAgainst(String family, Path files) {
    return sandbox.policy(
        "- {on: [mount, symlink, rename, renameat2, unlinkat], allow: }",
        "- {on: '%s', when: 'path.glob(\"%s\")', deny: EACCES}".formatted(family, files));
  }

  private Command attack(
      String directory, String call, List<String> changes, Maker maker, int attempts)
      throws IOException {
    for (String change : changes) {
      for (String side : List.of("allowed", "denied")) {
        maker.make(sandbox.directory(directory + "/" + change + "/" + side).resolve("file"), side);
      }
    }
    String toctou = Project.program("toctou");
    return sandbox
        .shell(
            "for change in %s; do (cd $change && exec %s %s $change %s %d) || exit; done"
                .formatted(String.join(" ", changes), toctou, call, SECONDS, attempts))
        .in(sandbox.path(directory));
  }

  /// By what was changed.
  private static Map<String, Counts> counts(Run run) {
    return run.mustSucceed().lines().stream()
        .collect(Collectors.toMap(line -> line.split("[ :]", -1)[1], Counts::parse));
  }
}
