package dev.sluice.tests.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Sandbox;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Races against decisions about mounts, and for what an image must not give. They are in
/// `src/test/c/mountraces.c`; `tests/soak/run mounts` makes them for longer.
@NeedsRoot
final class MountRacesTest {
  private static final String[] RULES = {
    "- { on: mount, when: target.under('/root/work/denied'), deny: EACCES }",
    "- { on: fsopen, when: fstype == 'ramfs', deny: EPERM }",
    "- { on: [mount, fsopen], when: fstype == 'ext4', emulate: { handler: mount, images: read-only"
        + " } }",
    "- { on: [fsconfig, fsmount, move_mount], emulate: mount }",
    "- { on: [mount, fsopen, open_tree, pivot_root], allow: }"
  };

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @ParameterizedTest
  @ValueSource(strings = {"swap", "context"})
  void whatIsDecidedIsWhatIsDone(String mode) {
    Counts natively = Counts.ofFirstWithWins(() -> races(mode, "1").run());
    Counts mediated = Counts.of(races(mode, "2").under(sandbox.policy(RULES)).run());

    assertThat(natively.of("wins")).as("natively").isPositive();
    assertThat(mediated.of("mounts")).isPositive();
    assertThat(mediated.of("wins")).as("%s", mediated).isZero();
  }

  @Test
  void thereIsNoMomentAtWhichAnImageGivesMore() {
    sandbox.directory("images");
    sandbox.directory("tree");
    String script =
        "mknod -m 666 tree/null c 1 3 && truncate -s 4M images/image && mkfs.ext4 -q -d tree"
            + " images/image";
    assumeThat(sandbox.shell(script).run().status()).as("mkfs.ext4(8)").isZero();

    Counts counts = Counts.of(races("flags", "2").under(sandbox.policy(RULES)).run());

    assertThat(counts.of("mounts")).isPositive();
    assertThat(counts.of("attempts")).isPositive();
    assertThat(counts.of("wins")).as("%s", counts).isZero();
  }

  private Command races(String mode, String seconds) {
    sandbox.directory("images");
    return sandbox.command(
        sandbox.containerWith(
            List.of("images"),
            Project.program("mountraces"),
            mode,
            seconds,
            sandbox.path("images/image").toString()));
  }
}
