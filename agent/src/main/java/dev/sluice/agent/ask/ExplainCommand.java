package dev.sluice.agent.ask;

import dev.sluice.agent.control.ControlClient;
import dev.sluice.agent.terminal.Output;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `sluice explain`: what becomes of a call of a container.
@Command(
    name = "explain",
    description = "Says what the policy of a running container does with a call, and why.",
    footer = {"", "ARG is as 'sluice policy explain' has it."},
    mixinStandardHelpOptions = true)
public final class ExplainCommand implements Callable<Integer> {
  @Mixin private AskOptions agent = new AskOptions();

  @Option(
      names = "--task",
      paramLabel = "NAME=VALUE",
      split = ",",
      description = "who calls: uid, gid, pid, tid, caps, comm, exe, cwd")
  private List<String> facts = List.of();

  @Parameters(index = "0", paramLabel = "CONTAINER", description = "its id, or how that begins")
  private String container = "";

  @Parameters(index = "1", paramLabel = "CALL", description = "the system call")
  private String name = "";

  @Parameters(index = "2..*", paramLabel = "ARG", arity = "0..*", description = "its arguments")
  private List<String> words = List.of();

  @Override
  public Integer call() {
    String path = AskOptions.path(container, "explain");
    String question = ControlClient.question(name, words, facts);
    Output.write(agent.ask(client -> client.post(path, question)));
    return 0;
  }
}
