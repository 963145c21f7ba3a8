package dev.sluice.agent.ask;

import dev.sluice.agent.control.JsonValues;
import dev.sluice.agent.terminal.Output;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `sluice ps`: the containers of an agent.
@Command(
    name = "ps",
    description = "Lists the containers that an agent supervises.",
    mixinStandardHelpOptions = true)
public final class PsCommand implements Callable<Integer> {
  @Mixin private AskOptions agent = new AskOptions();

  @Option(names = "--json", description = "as JSON, with all there is")
  private boolean json;

  @Override
  public Integer call() {
    String containers = agent.ask(client -> client.get("/v1/containers"));
    List<Map<?, ?>> all = agent.read(containers, JsonValues::objects);
    Output.write(json ? containers : ContainerTable.of(all));
    return 0;
  }
}
