package dev.sluice.agent.log;

import dev.sluice.agent.terminal.Output;
import dev.sluice.supervisor.audit.log.LogLine;
import dev.sluice.supervisor.audit.log.Summary;
import dev.sluice.supervisor.policy.PolicyException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `sluice log summary`: what many records say together.
@Command(
    name = "summary",
    description =
        "Counts records by call and verdict, and names the paths that occur most. For what was"
            + " denied, shows the rule that would allow it, to be put before the one that denied"
            + " it.",
    mixinStandardHelpOptions = true)
final class LogSummaryCommand implements Callable<Integer> {
  @Parameters(arity = "1..*", paramLabel = "FILE", description = "audit logs")
  private List<Path> files = List.of();

  @Mixin private LogOptions options = new LogOptions();

  @Override
  public Integer call() throws PolicyException {
    var summary = new Summary();
    options.read(
        files,
        (_, line) -> {
          switch (line) {
            case LogLine.Call(_, var record) -> summary.add(record);
            case LogLine.Gap(_, var gap) -> summary.addLost(gap.lost());
            default -> {}
          }
        });
    summary.lines().forEach(Output::line);
    return 0;
  }
}
