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
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Five thousand ways to change something by its path, natively and performed by the supervisor:
/// the same results and errors, and the same tree afterwards, with modes, owners, sizes, links,
/// timestamps and extended attributes. The cases are in `src/test/c/changes`.
final class ChangesTest {
  private static final List<String> NAMES = List.of("paths", "order", "pairs");
  private static final List<String> ATTRIBUTES =
      List.of("creation", "modes", "owners", "times", "sizes", "xattrs");
  private static final List<String> SURROUNDINGS =
      List.of("descriptors", "tmpfiles", "places", "threads", "filesystems");

  /// Whose descriptors they are, a worker is not (`transparency.md`). It fails all the same.
  private static final Pattern OF_OWN_DESCRIPTORS =
      Pattern.compile(
          "(unlink|unlinkat|rmdir|unlinkat AT_REMOVEDIR) /(proc|dev)/[a-z/-]*fd/%d of \\w+ *"
              + "(EPERM|ENOTDIR)\n.*EACCES");

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void changesAreTheSameForTheUserWhoSupervises() {
    compare(command -> command, List.of(), NAMES, 2_000);
    compare(command -> command, List.of(), ATTRIBUTES, 1_000);
    compare(command -> command, List.of(), SURROUNDINGS, 1_900);
  }

  @Test
  @NeedsRoot
  void changesAreTheSameForAnotherUser() {
    UnaryOperator<Command> another = command -> command.as(User.ORDINARY.inGroups(77, 78));
    compare(another, List.of(), NAMES, 2_000);
    compare(another, List.of(), ATTRIBUTES, 1_000);
    compare(another, List.of(), SURROUNDINGS, 1_900);
  }

  /// The supervisor does the same as in the first of these, only with less permissions.
  @Test
  @NeedsRoot
  void changesAreTheSameIfAnOrdinaryUserSupervises() {
    UnaryOperator<Command> all = command -> command.supervisedAs(User.ORDINARY);
    compare(all, List.of(), ATTRIBUTES, 1_000);
    compare(all, List.of(), List.of("pairs", "tmpfiles", "places", "threads"), 700);
  }

  @Test
  void changesAreTheSameInAPidNamespaceWithItsOwnProc() {
    compare(
        command -> command,
        List.of("unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc"),
        List.of("creation", "owners", "sizes", "xattrs", "tmpfiles", "places", "threads"),
        1_000);
  }

  /// What is whose is not known of a descriptor: `transparency.md`. Under a policy that performs
  /// opens only, it is the supervisor's.
  @Test
  @NeedsRoot
  void whatHasNoNameIsGivenOneByItsDescriptor() {
    var opens = sandbox.secret(sandbox.path("nowhere"));

    assertThat(unnamed("native", command -> command)).containsExactly("ENOENT", "0");
    assertThat(unnamed("mediated", command -> command.under(sandbox.lookAtEverything())))
        .containsExactly("0", "0");
    assertThat(unnamed("opened", command -> command.under(opens)))
        .containsExactly("ENOENT", "ENOENT");
  }

  private List<String> unnamed(String directory, UnaryOperator<Command> how) {
    sandbox.directory(directory);
    Command command = changes(directory, List.of(), List.of("known")).supervisedAs(User.ORDINARY);
    return how.apply(command).run().mustSucceed().lines().stream()
        .filter(line -> line.startsWith("an O_TMPFILE"))
        .map(line -> line.substring(line.lastIndexOf(' ') + 1))
        .toList();
  }

  private void compare(
      UnaryOperator<Command> who, List<String> prefix, List<String> cases, int atLeast) {
    String here = cases.getFirst();
    sandbox.directory("native-" + here);
    sandbox.directory("mediated-" + here);
    Run natively = who.apply(changes("native-" + here, prefix, cases)).run().mustSucceed();
    Run mediated =
        who.apply(changes("mediated-" + here, prefix, cases))
            .under(lookAtChanges())
            .run()
            .mustSucceed();

    assertThat(mediated.differencesFrom(natively))
        .filteredOn(difference -> !OF_OWN_DESCRIPTORS.matcher(difference).find())
        .isEmpty();
    assertThat(natively.out()).doesNotContain("broken: ");
    long made = natively.lines().stream().filter(line -> !line.startsWith("  ")).count();
    assertThat(made).isGreaterThan(atLeast);
    assertThat(mediated.recordCount()).as("they were mediated indeed").isGreaterThan(made);
  }

  /// But not at looks: the program looks at all of its tree after each change.
  private Path lookAtChanges() {
    return sandbox.policy(
        """
        - name: nothing
          on: ["@open", "@modify"]
          when: path.glob("/nowhere/**")
          deny: EACCES
        """);
  }

  private Command changes(String directory, List<String> prefix, List<String> cases) {
    var words = new ArrayList<>(prefix);
    words.add(Project.program("changes"));
    words.add(directory);
    words.addAll(cases);
    return sandbox.command(words.toArray(String[]::new));
  }
}
