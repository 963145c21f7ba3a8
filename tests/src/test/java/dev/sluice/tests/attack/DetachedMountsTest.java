package dev.sluice.tests.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Sandbox;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Of a mount that is attached nowhere any more the kernel shows paths without their beginning,
/// which rules about the place it had would miss.
final class DetachedMountsTest {
  private static final String PROGRAM =
      """
      set -e
      mount -t tmpfs none place
      mkdir -p place/usr/bin
      cp /bin/echo place/usr/bin/evil
      exec 3< place
      %s
      exec /proc/self/fd/3/usr/bin/evil done
      """;

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  private boolean isMounted;

  @AfterEach
  void unmount() {
    if (isMounted) {
      // what was supervised has been closed in part, perhaps, when its output has
      sandbox.shell("umount --lazy home").run().mustSucceed();
    }
  }

  @Test
  @NeedsRoot
  void aSecretIsReachedByNoneOfItsWays() {
    sandbox.directory("home");
    sandbox.shell("mount -t tmpfs tmpfs home && mkdir home/.ssh home/project").run().mustSucceed();
    isMounted = true;
    sandbox.file("home/.ssh/id", "secret");

    assertThat(escapes().run().lines()).hasSize(7).allMatch(line -> line.endsWith(" reached -"));
    assertThat(escapes().under(Project.policy("protect-secrets")).run().lines())
        .hasSize(7)
        .allMatch(line -> line.endsWith(" refused EACCES"));
  }

  private Command escapes() {
    return sandbox
        .program("escapes", sandbox.directory().toString(), "detached")
        .environment("HOME", sandbox.path("home").toString());
  }

  @Test
  void aProgramIsNotTakenForOneOfThePlaceThatItsPathBeginsWith() {
    sandbox.directory("place");
    String detached = PROGRAM.formatted("umount -l place");

    assertThat(inOwnNamespaces(detached).run().mustSucceed().lines()).containsExactly("done");
    var policy =
        sandbox.policy(
            "- { name: programs, on: '@exec', when: '!path.under(\"/usr\")', deny: EACCES }");
    var run = inOwnNamespaces(detached).under(policy).run();
    assertThat(run.lines()).as("%s", run).isEmpty();
    assertThat(run.status()).as("%s", run).isEqualTo(126);
  }

  /// What is attached where nobody but its own descendants sees it has a path.
  @Test
  void whatIsInheritedFromAnotherNamespaceStaysInReach() {
    sandbox.directory("place");
    String script =
        PROGRAM.formatted(
            "unshare --mount sh -c 'umount -l place; cat <&4 /dev/fd/4' 4< /etc/passwd | grep -q"
                + " root");
    var policy = sandbox.secret(sandbox.path("none"));
    var run = inOwnNamespaces(script).under(policy).run().mustSucceed();
    assertThat(run.lines()).containsExactly("done");
  }

  private Command inOwnNamespaces(String script) {
    return sandbox.command("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script);
  }
}
