package dev.sluice.tests.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `sluice run` whose caller has closed standard streams: no descriptor of its own comes to be one
/// of them, and the command has those that it was given.
final class ClosedStreamsTest {
  /// Says which it has, and is looked at while it does.
  private static final String COMMAND =
      "for i in 0 1 2; do [ ! -e /proc/$$/fd/$i ] || echo $i >&9; done 9>streams; exit 7";

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @ParameterizedTest
  @ValueSource(strings = {"<&-", ">&-", "2>&-", "<&- >&-", "<&- 2>&-", ">&- 2>&-", "<&- >&- 2>&-"})
  void theCommandRunsAsNatively(String closing) throws IOException {
    for (String policy : new String[] {looking(), kernels()}) {
      Run natively = run("", closing);
      String streams = Files.readString(sandbox.path("streams"));
      Run run = run("\"$0\" run --policy " + policy + " --", closing);

      assertThat(run.status()).as("%s", run).isEqualTo(natively.status()).isEqualTo(7);
      assertThat(Files.readString(sandbox.path("streams"))).isEqualTo(streams);
    }
  }

  private String looking() {
    return sandbox.lookAtEverything().toString();
  }

  /// Which needs no supervisor, once it has been read.
  private String kernels() {
    return sandbox.policy("- {on: mkdir, deny: EXDEV}").toString();
  }

  private Run run(String under, String closing) {
    String words = under + " sh -c '" + COMMAND + "' " + closing;
    return sandbox
        .command("sh", "-c", words, Project.SCRIPT.toString())
        .environment("SLUICE_LOG", "debug")
        .run();
  }
}
