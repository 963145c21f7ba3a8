package dev.sluice.agent.ask;

import dev.sluice.agent.control.JsonValues;
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

  @Override
  public Integer call() {
    String status = agent.ask(client -> client.get("/v1/status"));
    if (json) {
      System.out.print(status);
    } else {
      JsonValues.object(status).forEach((name, value) -> System.out.println(name + ": " + value));
    }
    return 0;
  }
}
