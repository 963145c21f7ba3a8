package dev.sluice.tests.mediation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import dev.sluice.tests.harness.User;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What opens and changes do besides, natively and performed by the supervisor: what watches are
/// told, who finds a file in use, what is left where there is no room, which links lead on. The
/// cases are in `src/test/c/effects`.
final class EffectsTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void effectsAreTheSameForTheUserWhoSupervises() {
    compare(command -> command, List.of("events", "locks", "room", "memory"), 800);
    compare(command -> command, List.of("links"), 2_000);
    compare(command -> command, List.of("restricted"), 1_500);
  }

  @Test
  @NeedsRoot
  void whatIsOpenedAgainIsTheSame() {
    compare(command -> command, List.of("reopens", "bits"), 800);
  }

  @Test
  @NeedsRoot
  void effectsAreTheSameForAnotherUser() {
    UnaryOperator<Command> another = command -> command.as(User.ORDINARY);
    compare(another, List.of("events", "locks", "room", "memory", "bits"), 1_000);
    compare(another, List.of("links"), 2_000);
  }

  @Test
  @NeedsRoot
  void effectsAreTheSameIfAnOrdinaryUserSupervises() {
    compare(
        command -> command.supervisedAs(User.ORDINARY),
        List.of("events", "room", "memory", "bits"),
        800);
  }

  private void compare(UnaryOperator<Command> who, List<String> cases, int atLeast) {
    String here = cases.getFirst();
    sandbox.directory("native-" + here);
    sandbox.directory("mediated-" + here);
    Run natively = who.apply(effects("native-" + here, cases)).run().mustSucceed();
    Run mediated =
        who.apply(effects("mediated-" + here, cases))
            .under(sandbox.lookAtEverything())
            .run()
            .mustSucceed();

    assertThat(mediated.differencesFrom(natively)).isEmpty();
    assertThat(natively.lines()).hasSizeGreaterThan(atLeast);
    assertThat(mediated.recordCount()).as("they were mediated indeed").isGreaterThan(atLeast / 2);
  }

  private Command effects(String directory, List<String> cases) {
    var words = new ArrayList<>(List.of(Project.program("effects"), directory));
    words.addAll(cases);
    return sandbox.command(words);
  }
}
