package dev.sluice.agent.ask;

import dev.sluice.agent.terminal.Output;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `sluice drain`: the end of an agent, without harm.
@Command(
    name = "drain",
    description = "Has an agent take no more containers, and end when those it has have ended.",
    mixinStandardHelpOptions = true)
public final class DrainCommand implements Callable<Integer> {
  @Mixin private AskOptions agent = new AskOptions();

  @Override
  public Integer call() {
    var status = agent.object(client -> client.post("/v1/drain", ""));
    Output.line("draining: " + status.get("containers") + " containers are left");
    return 0;
  }
}
