package dev.sluice.tests.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import dev.sluice.tests.harness.User;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Ways around a decision by path, against the shipped policy `protect-secrets`, and against one
/// that closes a directory to all calls. Each is tried natively too, so that a refusal means
/// something. They are in `src/test/c/escapes`.
final class EscapesTest {
  /// What a call fails with if it is not the EACCES of the policy's own rules.
  private static final Map<String, String> GUARDED =
      Map.ofEntries(
          Map.entry("bind-mount", "EPERM"),
          Map.entry("bind-mount-above", "EPERM"),
          Map.entry("overlay", "EPERM"),
          Map.entry("pivot-root", "EPERM"),
          Map.entry("open-tree", "ENOSYS"),
          Map.entry("io-uring", "ENOSYS"),
          Map.entry("int80-open", "ENOSYS"),
          Map.entry("int80-openat", "ENOSYS"),
          Map.entry("x32-openat", "ENOSYS"),
          Map.entry("open-by-handle", "EPERM"),
          Map.entry("own-listener", "EBUSY"),
          Map.entry("own-listener-tsync", "EBUSY"));

  /// What does not lead to the secret natively: kernels are rarely built with x32, an overlay's
  /// files have numbers of their own, a listener is no file, and handles are for root.
  private static final List<String> NOT_REACHED =
      List.of("x32-openat", "overlay", "own-listener", "own-listener-tsync", "open-by-handle");

  private static final String[] TO_OPEN_OR_CHANGE = {
    "paths", "calls", "names", "mounts", "doors", "changes"
  };

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void nativelyTheyReachTheSecret() {
    Map<String, String> results = results(escapes(TO_OPEN_OR_CHANGE).run());

    assertThat(results).hasSizeGreaterThan(150);
    results.keySet().removeAll(NOT_REACHED);
    assertThat(results.values()).as("%s", results).containsOnly("reached -");
  }

  @Test
  void underThePolicyEachIsRefused() {
    refusesAll(escapes(TO_OPEN_OR_CHANGE));
  }

  @Test
  @NeedsRoot
  void underThePolicyEachIsRefusedToAnotherUser() {
    refusesAll(escapes(TO_OPEN_OR_CHANGE).as(User.ORDINARY));
  }

  @Test
  @NeedsRoot
  void underThePolicyOfAnOrdinaryUserEachIsRefused() {
    refusesAll(escapes(TO_OPEN_OR_CHANGE).supervisedAs(User.ORDINARY));
  }

  @Test
  void aDirectoryThatIsClosedToAllCallsIsReachedByNone() {
    closesTheDirectory(command -> command);
  }

  @Test
  @NeedsRoot
  void aDirectoryThatIsClosedToAllCallsIsReachedByNoneOfAnotherUser() {
    closesTheDirectory(command -> command.as(User.ORDINARY));
  }

  /// A condition on `path` is about both paths of a call. What it cannot know is that a directory
  /// above is given another name: that is up to the policy.
  private void closesTheDirectory(UnaryOperator<Command> who) {
    String[] groups = {"paths", "calls", "mounts", "doors", "changes", "looks"};
    Map<String, String> natively = results(who.apply(escapes(groups)).run());
    var policy =
        sandbox.policy(
            """
            - name: closed
              on: ["@open", "@stat", "@modify"]
              when: path.under("%s")
              deny: EACCES
            """
                .formatted(sandbox.path("home/.ssh")));
    Map<String, String> results = results(who.apply(escapes(groups)).under(policy).run());

    assertThat(natively).hasSizeGreaterThan(200);
    assertThat(natively.values()).filteredOn("reached -"::equals).hasSizeGreaterThan(100);
    assertThat(results).containsExactlyInAnyOrderEntriesOf(refusals(results.keySet()));
  }

  private static Map<String, String> refusals(Set<String> names) {
    return names.stream()
        .collect(
            Collectors.toMap(
                name -> name, name -> "refused " + GUARDED.getOrDefault(name, "EACCES")));
  }

  private void refusesAll(Command escapes) {
    Run run = escapes.under(Project.policy("protect-secrets")).run();
    Map<String, String> results = results(run);

    assertThat(results)
        .hasSizeGreaterThan(150)
        .containsExactlyInAnyOrderEntriesOf(refusals(results.keySet()));
    assertThat(run.recordsOf("secrets-stay-secret"))
        .as("each of them is a record, and an alert")
        .hasSizeGreaterThan(25)
        .allMatch(
            record -> record.texts("action", "outcome", "errno").equals("deny refused EACCES"))
        .hasSize((int) alerts(run, "secrets-stay-secret"));
    assertThat(run.recordsOf("secrets-get-no-other-name"))
        .hasSize((int) alerts(run, "secrets-get-no-other-name"))
        .hasSizeGreaterThan(9);
    assertThat(run.recordsOf("secrets-stay-as-they-are"))
        .hasSize((int) alerts(run, "secrets-stay-as-they-are"))
        .hasSizeGreaterThan(80);
  }

  private static long alerts(Run run, String rule) {
    return run.err().lines().filter(line -> line.endsWith(" by rule '" + rule + "'")).count();
  }

  private Command escapes(String... groups) {
    var home = sandbox.directory("home");
    sandbox.directory("home/.ssh");
    sandbox.directory("home/.ssh/directory");
    sandbox.directory("home/project");
    sandbox.file("home/.ssh/id", "secret");
    sandbox.file("home/.ssh/file", "another secret");
    sandbox.file("home/project/plain", "plain");
    // ordinary users must be able to do to them whatever they like, but for the policy
    String script = "chmod 666 home/.ssh/* home/project/plain; ln -sf id home/.ssh/link";
    sandbox.shell(script + "; chmod 777 home/.ssh/directory").run().mustSucceed();
    var arguments = new ArrayList<>(List.of(sandbox.directory().toString()));
    arguments.addAll(List.of(groups));
    return sandbox
        .program("escapes", arguments.toArray(String[]::new))
        .environment("HOME", home.toString());
  }

  /// By name; every one could be tried.
  private static Map<String, String> results(Run run) {
    assertThat(run.status()).as("%s", run).isZero();
    var results = new LinkedHashMap<String, String>();
    for (String line : run.lines()) {
      String[] words = line.split(" ", 2);
      assertThat(words[1]).as("%s", run).doesNotStartWith("broken");
      results.put(words[0], words[1]);
    }
    return results;
  }
}
