package dev.sluice.agent.ask;

import dev.sluice.agent.control.JsonValues;
import dev.sluice.agent.terminal.Output;
import dev.sluice.supervisor.audit.ByteText;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `sluice status`: how an agent is.
@Command(name = "status", description = "Says how an agent is.", mixinStandardHelpOptions = true)
public final class StatusCommand implements Callable<Integer> {
  @Mixin private AskOptions agent = new AskOptions();

  @Option(names = "--json", description = "as JSON")
  private boolean json;

  /// What anybody may ask, as whatever starts an agent again that is not well.
  private enum Probe {
    healthz,
    readyz
  }

  @Option(
      names = "--probe",
      paramLabel = "healthz|readyz",
      description =
          "only say whether it answers (healthz) or takes containers (readyz), as Kubernetes asks:"
              + " exit with 0 if so, 2 if it takes none, 125 if it does not answer")
  private Optional<Probe> probe = Optional.empty();

  @Override
  public Integer call() {
    if (probe.isPresent()) {
      Output.write(agent.ask(client -> client.probe("/" + probe.get())));
      return 0;
    }
    String status = agent.ask(client -> client.get("/v1/status"));
    Map<?, ?> values = agent.read(status, JsonValues::object);
    if (json) {
      Output.write(status);
    } else {
      values.forEach((name, value) -> Output.line(ByteText.harmless(name + ": " + value)));
    }
    return 0;
  }
}
