package dev.sluice.tests.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What sluice says of itself, as `SLUICE_LOG_FORMAT` asks for it.
final class LogFormatTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void aLineIsAnObject() {
    Run run = logged("json");

    assertThat(run.err().lines())
        .isNotEmpty()
        .allMatch(line -> line.startsWith("{\"timestamp\":") && line.endsWith("}"))
        .anyMatch(line ->
            line.contains("\"level\":\"DEBUG\"") && line.contains("\"formattedMessage\":\""));
  }

  @Test
  void anotherFormatIsToldOf() {
    assertThat(logged("xml").err().lines())
        .contains("sluice: SLUICE_LOG_FORMAT is 'text' or 'json', not 'xml': it is text");
  }

  private Run logged(String format) {
    return sandbox
        .command("true")
        .under(sandbox.lookAtEverything())
        .environment("SLUICE_LOG", "debug")
        .environment("SLUICE_LOG_FORMAT", format)
        .run();
  }
}
