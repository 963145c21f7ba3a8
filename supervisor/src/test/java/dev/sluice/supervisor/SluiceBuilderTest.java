package dev.sluice.supervisor;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.supervisor.policy.PolicyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SluiceBuilderTest {
  private static final String RIGHT = "sluice: v1\ndefault: allow\n";

  @TempDir Path directory;

  @Test
  void aPolicyThatHasChangedSinceItWasCompiledIsCompiledAgain() throws Exception {
    Path file = policy(RIGHT);
    var builder = Sluice.policy(file);
    builder.compile();
    policy(RIGHT + "deffault: deny\n");

    assertThatThrownBy(builder::open)
        .isInstanceOf(PolicyException.class)
        .hasMessageContaining(file + ":3:1");
  }

  private Path policy(String text) throws IOException {
    return Files.writeString(directory.resolve("policy.yaml"), text);
  }
}
