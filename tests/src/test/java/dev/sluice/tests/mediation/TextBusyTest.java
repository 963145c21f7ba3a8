package dev.sluice.tests.mediation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Sandbox;
import dev.sluice.tests.harness.User;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A program that has been written and closed can be executed: nobody holds it open for writing any
/// more, neither the supervisor nor a worker.
final class TextBusyTest {
  private static final int COUNT = 300;

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void aProgramCanBeExecutedAsSoonAsItIsWritten() {
    assertThat(textBusy("native").run().mustSucceed().out()).isEqualTo(allExecuted());
    assertThat(textBusy("mediated").under(sandbox.lookAtEverything()).run().mustSucceed().out())
        .isEqualTo(allExecuted());
  }

  @Test
  @NeedsRoot
  void soItCanWhereAWorkerOpensIt() {
    assertThat(
            textBusy("mediated")
                .as(User.ORDINARY)
                .under(sandbox.lookAtEverything())
                .run()
                .mustSucceed()
                .out())
        .isEqualTo(allExecuted());
  }

  private static String allExecuted() {
    return COUNT + " executed, 0 busy, 0 failed\n";
  }

  private Command textBusy(String name) {
    String directory = sandbox.directory(name).toString();
    return sandbox.command(Project.program("textbusy"), directory, "" + COUNT);
  }
}
