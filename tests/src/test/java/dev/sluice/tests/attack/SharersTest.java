package dev.sluice.tests.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Sandbox;
import dev.sluice.tests.harness.User;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Calls of who shares its descriptors with a thread, or with another process (CLONE_FILES), which
/// changes, closes and uses them meanwhile: a call finds what was there while it was made, and what
/// it opens is there for both, under the lowest number that neither has.
final class SharersTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @ParameterizedTest
  @ValueSource(strings = {"thread", "process"})
  void bothFindWhatTheyShareAndNothingElse(String who) {
    natively(who);
    mediated(sharers(who));
  }

  @ParameterizedTest
  @ValueSource(strings = {"thread", "process"})
  @NeedsRoot
  void soTheyDoWhereAWorkerMakesTheCalls(String who) {
    mediated(sharers(who).as(User.ORDINARY));
  }

  private void natively(String who) {
    survives(Counts.of(sharers(who).run()));
    sandbox.shell("rm -r one two").run().mustSucceed();
  }

  private void mediated(Command command) {
    survives(Counts.of(command.under(sandbox.lookAtEverything()).run()));
  }

  private Command sharers(String who) {
    return sandbox.program("sharers", who, "2000");
  }

  private static void survives(Counts counts) {
    assertThat(counts.of("wrong")).as("%s", counts).isZero();
    assertThat(counts.of("stable")).as("%s", counts).isPositive();
    assertThat(counts.of("left")).as("%s", counts).isZero();
  }
}
