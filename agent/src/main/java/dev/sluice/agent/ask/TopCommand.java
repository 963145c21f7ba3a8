package dev.sluice.agent.ask;

import dev.sluice.agent.control.JsonValues;
import dev.sluice.agent.terminal.Output;
import dev.sluice.agent.terminal.Table;
import dev.sluice.agent.terminal.UsageException;
import java.io.Console;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `sluice top`: what containers do, again and again.
@Command(
    name = "top",
    description = "Shows the containers of an agent by how many calls they make.",
    mixinStandardHelpOptions = true)
public final class TopCommand implements Callable<Integer> {
  @Mixin private AskOptions agent = new AskOptions();

  @Option(
      names = {"-d", "--delay"},
      paramLabel = "SECONDS",
      description = "between two looks; ${DEFAULT-VALUE} if not given")
  private int seconds = 2;

  @Option(
      names = {"-n", "--looks"},
      paramLabel = "N",
      description = "how often; until interrupted if not given")
  private long looks = Long.MAX_VALUE;

  @Override
  public Integer call() throws InterruptedException {
    if (seconds < 1) {
      throw new UsageException("--delay is 1 or more, not " + seconds);
    }
    if (looks < 1) {
      throw new UsageException("--looks is 1 or more, not " + looks);
    }
    Map<String, Long> before = Map.of();
    for (long i = 0; i < looks; i++) {
      if (i > 0) {
        TimeUnit.SECONDS.sleep(seconds);
      }
      var containers =
          agent.read(agent.ask(client -> client.get("/v1/containers")), JsonValues::objects);
      if (Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent()) {
        Output.write("\u001b[H\u001b[2J");
      }
      Output.write(table(containers, before));
      before = calls(containers);
    }
    return 0;
  }

  private static Map<String, Long> calls(List<Map<?, ?>> containers) {
    var calls = new HashMap<String, Long>();
    containers.forEach(each -> calls.put(ContainerTable.text(each, "id"), number(each, "calls")));
    return calls;
  }

  private String table(List<Map<?, ?>> containers, Map<String, Long> before) {
    var table = new Table("CONTAINER", "POD", "POLICY", "STATE", "CALLS/S", "PENDING", "CALLS");
    Map<String, Long> now = calls(containers);
    containers.sort(
        Comparator.comparingLong(each -> {
          String id = ContainerTable.text(each, "id");
          return before.getOrDefault(id, 0L) - now.getOrDefault(id, 0L);
        }));
    for (Map<?, ?> each : containers) {
      String id = ContainerTable.text(each, "id");
      long more = number(each, "calls") - before.getOrDefault(id, number(each, "calls"));
      table.row(
          List.of(
              ContainerTable.shortened(id),
              ContainerTable.text(each, "pod"),
              ContainerTable.text(each, "policy"),
              ContainerTable.text(each, "state"),
              more / seconds,
              number(each, "pending"),
              number(each, "calls")));
    }
    return table.toString();
  }

  private static long number(Map<?, ?> of, String key) {
    return of.get(key) instanceof Number number ? number.longValue() : 0;
  }
}
