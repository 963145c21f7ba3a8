package dev.sluice.tests.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import dev.sluice.tests.harness.User;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Ways around a decision by path, against the shipped policy `protect-secrets`. Each is tried
/// natively too, so that a refusal means something. They are in `src/test/c/escapes`.
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

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void nativelyTheyReachTheSecret() {
    Map<String, String> results = results(escapes().run());

    assertThat(results).hasSizeGreaterThan(45);
    results.keySet().removeAll(NOT_REACHED);
    assertThat(results.values()).as("%s", results).containsOnly("reached -");
  }

  @Test
  void underThePolicyEachIsRefused() {
    refusesAll(escapes());
  }

  @Test
  @NeedsRoot
  void underThePolicyEachIsRefusedToAnotherUser() {
    refusesAll(escapes().as(User.ORDINARY));
  }

  @Test
  @NeedsRoot
  void underThePolicyOfAnOrdinaryUserEachIsRefused() {
    refusesAll(escapes().supervisedAs(User.ORDINARY));
  }

  private void refusesAll(Command escapes) {
    Run run = escapes.under(Project.policy("protect-secrets")).run();
    Map<String, String> results = results(run);
    Map<String, String> expected =
        results.keySet().stream()
            .collect(
                Collectors.toMap(
                    name -> name, name -> "refused " + GUARDED.getOrDefault(name, "EACCES")));

    assertThat(results).hasSizeGreaterThan(45).containsExactlyInAnyOrderEntriesOf(expected);
    assertThat(run.recordsOf("secrets-stay-secret"))
        .as("each of them is a record, and an alert")
        .hasSizeGreaterThan(25)
        .allMatch(
            record -> record.texts("action", "outcome", "errno").equals("deny refused EACCES"))
        .hasSize((int) alerts(run, "secrets-stay-secret"));
    assertThat(run.recordsOf("secrets-get-no-other-name"))
        .hasSize((int) alerts(run, "secrets-get-no-other-name"))
        .hasSize(9);
  }

  private static long alerts(Run run, String rule) {
    return run.err().lines().filter(line -> line.endsWith(" by rule '" + rule + "'")).count();
  }

  private Command escapes() {
    var home = sandbox.directory("home");
    sandbox.directory("home/.ssh");
    sandbox.directory("home/project");
    sandbox.file("home/.ssh/id", "secret");
    sandbox.file("home/project/plain", "plain");
    // ordinary users must be able to do to them whatever they like, but for the policy
    sandbox.shell("chmod 666 home/.ssh/id home/project/plain").run().mustSucceed();
    return sandbox
        .program("escapes", sandbox.directory().toString())
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
