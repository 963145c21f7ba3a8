package dev.sluice.tests.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.Sandbox;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever changes between the look at a path and its open: what is opened is what was looked at.
/// `tests/soak/run toctou` does the same for longer.
final class ToctouTest {
  private static final int ENOUGH = 200;

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @ParameterizedTest
  @ValueSource(strings = {"memory", "how", "symlink", "directory", "descriptor"})
  void aPathThatChangesWhileItIsOpenedGivesNothingAway(String mode) {
    var natively = Counts.of(attack("native", mode, 1).run());
    Path denied = sandbox.path("mediated/denied/file");
    var mediated = Counts.of(attack("mediated", mode, 2).under(sandbox.secret(denied)).run());

    assertThat(natively.of("wins")).as("natively: %s", natively).isPositive();
    assertThat(natively.of("allowed")).as("natively: %s", natively).isPositive();
    assertThat(mediated.of("wins")).as("mediated: %s", mediated).isZero();
    assertThat(mediated.of("allowed")).as("mediated: %s", mediated).isPositive();
    assertThat(mediated.of("denied")).as("mediated: %s", mediated).isPositive();
    assertThat(mediated.of("attempts")).as("mediated: %s", mediated).isGreaterThan(ENOUGH);
  }

  private Command attack(String directory, String mode, int seconds) {
    sandbox.file(directory + "/allowed/file", "allowed");
    sandbox.file(directory + "/denied/file", "denied");
    return sandbox.program("toctou", mode, "" + seconds).in(sandbox.path(directory));
  }
}
