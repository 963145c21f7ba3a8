package dev.sluice.tests.mediation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import dev.sluice.tests.harness.User;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Seventeen thousand ways to look at a file by its path, natively and performed by the supervisor:
/// the same results and errors, and not a byte more or less in the caller's buffers. The cases are
/// in `src/test/c/stats`.
final class StatsTest {
  private static final List<String> EVERYWHERE =
      List.of(
          "names",
          "descriptors",
          "order",
          "buffers",
          "xattrs",
          "ids",
          "proc",
          "threads",
          "roots",
          "watches");

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void statsAreTheSameForTheUserWhoSupervises() {
    compare(command -> command, List.of(), EVERYWHERE, 12_000);
  }

  @Test
  @NeedsRoot
  void statsAreTheSameForAnotherUser() {
    compare(command -> command.as(User.ORDINARY.inGroups(77, 78)), List.of(), EVERYWHERE, 12_000);
  }

  @Test
  @NeedsRoot
  void statsAreTheSameIfAnOrdinaryUserSupervises() {
    compare(command -> command.supervisedAs(User.ORDINARY), List.of(), EVERYWHERE, 12_000);
  }

  @Test
  void statsAreTheSameInAUserNamespace() {
    compare(
        command -> command,
        List.of("unshare", "--user", "--map-root-user"),
        List.of("ids", "proc", "xattrs", "roots", "nested"),
        4_000);
  }

  @Test
  void statsAreTheSameInAPidNamespaceWithItsOwnProc() {
    compare(
        command -> command,
        List.of("unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc"),
        List.of("ids", "proc", "threads", "roots"),
        4_000);
  }

  /// What a worker may not look at although it has the same ids, the target may: it is its own.
  @Test
  @NeedsRoot
  void whoeverIsNotDumpableMayStillLookAtItself() {
    compare(command -> command.as(User.ORDINARY), List.of(), List.of("undumpable", "nested"), 100);
  }

  private void compare(
      UnaryOperator<Command> who, List<String> prefix, List<String> cases, int atLeast) {
    sandbox.directory("native");
    sandbox.directory("mediated");
    Run natively = who.apply(stats("native", prefix, cases)).run().mustSucceed();
    Run mediated =
        who.apply(stats("mediated", prefix, cases)).under(lookAtStats()).run().mustSucceed();

    assertThat(mediated.differencesFrom(natively)).isEmpty();
    assertThat(natively.lines()).hasSizeGreaterThan(atLeast);
    assertThat(mediated.recordCount())
        .as("they were mediated indeed")
        .isGreaterThan(natively.lines().size() * 9L / 10);
  }

  private Command stats(String directory, List<String> prefix, List<String> cases) {
    var words = new ArrayList<>(prefix);
    words.add(Project.program("stats"));
    words.add(directory);
    words.addAll(cases);
    return sandbox.command(words);
  }

  private Path lookAtStats() {
    return sandbox.policy(
        """
        - name: nothing
          on: ["@stat", name_to_handle_at, inotify_add_watch, fanotify_mark]
          when: path.glob("/nowhere/**")
          deny: EACCES
        """);
  }
}
