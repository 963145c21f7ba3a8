package dev.sluice.agent.ask;

import dev.sluice.agent.terminal.Output;
import dev.sluice.supervisor.audit.ByteText;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `sluice kill`: the end of a container.
@Command(
    name = "kill",
    description =
        "Kills the first process of a container, and after that whoever in it makes a notified"
            + " call.",
    mixinStandardHelpOptions = true)
public final class KillCommand implements Callable<Integer> {
  @Mixin private AskOptions agent = new AskOptions();

  @Parameters(paramLabel = "CONTAINER", description = "its id, or how that begins")
  private String container = "";

  @Override
  public Integer call() {
    String path = AskOptions.path(container, "kill");
    var killed = agent.object(client -> client.post(path, ""));
    Output.line(ByteText.harmless("killed " + killed.get("id")));
    return 0;
  }
}
