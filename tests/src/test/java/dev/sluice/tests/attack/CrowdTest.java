package dev.sluice.tests.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.Sluice;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Whoever makes many calls keeps nobody else from being served. How long the others wait then,
/// `tests/soak/run crowd` measures.
final class CrowdTest {
  private static final int LISTENERS = 50;
  private static final int CALLS = 20;

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @BeforeEach
  void makeFile() {
    sandbox.file("file", "content");
  }

  @Test
  void everyProcessOfACrowdIsServed() {
    var crowd = sandbox.program("crowd", "64", "1", "file").under(sandbox.lookAtEverything());
    var counts = Counts.of(crowd.run());

    assertThat(counts.of("processes")).isEqualTo(64);
    assertThat(counts.of("failed")).isZero();
    assertThat(counts.of("fewest")).isPositive();
  }

  @Test
  void everyListenerIsServedBesideOneThatFloods() throws Exception {
    try (var sluice = Sluice.policy(sandbox.lookAtEverything()).open()) {
      Process flood = start(sluice, "loop", "file", "600", "4");
      assertThat(flood.inputReader().readLine()).isEqualTo("looping");
      var others = new ArrayList<Process>();
      for (int i = 1; i < LISTENERS; i++) {
        others.add(start(sluice, "paced", "file", "" + CALLS, "0.1"));
      }
      for (Process other : others) {
        other.outputWriter().write("\n");
        other.outputWriter().close();
      }
      for (Process other : others) {
        assertThat(other.inputReader().readLine().split(" ", -1)).hasSize(CALLS);
        assertThat(other.waitFor()).isZero();
      }
      assertThat(flood.isAlive()).as("it floods still").isTrue();
      flood.destroyForcibly().waitFor();
    }
  }

  private Process start(Sluice sluice, String program, String... arguments) throws IOException {
    var words = new ArrayList<>(List.of(Project.program(program)));
    words.addAll(List.of(arguments));
    return sluice.start(new ProcessBuilder(words).directory(sandbox.directory().toFile()));
  }
}
