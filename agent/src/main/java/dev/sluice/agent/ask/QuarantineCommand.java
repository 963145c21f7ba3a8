package dev.sluice.agent.ask;

import dev.sluice.agent.terminal.Output;
import dev.sluice.supervisor.audit.ByteText;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `sluice quarantine`: a container that may do nothing any more.
@Command(
    name = "quarantine",
    description = "Has every notified call of a container fail with EPERM.",
    mixinStandardHelpOptions = true)
public final class QuarantineCommand implements Callable<Integer> {
  @Mixin private AskOptions agent = new AskOptions();

  @Option(names = "--lift", description = "let its policy decide again")
  private boolean lift;

  @Parameters(paramLabel = "CONTAINER", description = "its id, or how that begins")
  private String container = "";

  @Override
  public Integer call() {
    String path = AskOptions.path(container, "quarantine");
    var now = agent.object(client -> lift ? client.delete(path) : client.post(path, ""));
    Output.line(ByteText.harmless(now.get("id") + ": " + now.get("state")));
    return 0;
  }
}
