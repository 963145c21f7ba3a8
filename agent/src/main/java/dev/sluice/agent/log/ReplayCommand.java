package dev.sluice.agent.log;

import dev.sluice.agent.options.PolicyOptions;
import dev.sluice.agent.terminal.Output;
import dev.sluice.supervisor.audit.log.CallText;
import dev.sluice.supervisor.audit.log.LogLine;
import dev.sluice.supervisor.audit.log.Replay;
import dev.sluice.supervisor.policy.PolicyException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `sluice replay`: what another policy would have decided.
@Command(
    name = "replay",
    description =
        "Decides the calls of a log again by another policy, and shows each that would end"
            + " otherwise. Nothing is looked at but the records.",
    footer = {"", "Exit status: 0 if every verdict is the same, 1 if not, 2 for trouble."},
    mixinStandardHelpOptions = true)
public final class ReplayCommand implements Callable<Integer> {
  @Parameters(arity = "1..*", paramLabel = "FILE", description = "audit logs")
  private List<Path> files = List.of();

  @Option(names = "--policy", required = true, paramLabel = "FILE", description = "the policy")
  private Path policy = Path.of("");

  @Mixin private LogOptions options = new LogOptions();
  @Mixin private PolicyOptions policies = new PolicyOptions();

  private long same;
  private long undecided;
  private long changed;
  private final Map<String, Long> unknown = new TreeMap<>();

  @Override
  public Integer call() throws PolicyException {
    var replay = new Replay(policies.compile(policy));
    options.read(
        files,
        (line, parsed) -> {
          if (parsed instanceof LogLine.Call(_, var record)) {
            switch (replay.decide(record)) {
              case Replay.Same _ -> same++;
              case Replay.Undecided _ -> undecided++;
              case Replay.Unknown(String why) -> unknown.merge(why, 1L, Long::sum);
              case Replay.Changed(String before, String now) -> {
                changed++;
                Output.line(
                    line.place()
                        + ": "
                        + CallText.call(record)
                        + ": was "
                        + before
                        + ", now "
                        + now);
              }
            }
          }
        });
    Output.line(same + " the same, " + changed + " changed");
    if (undecided > 0) {
      Output.line(undecided + " failed before a rule could decide them");
    }
    unknown.forEach((why, count) -> Output.line(count + " depend on " + why));
    return changed == 0 && unknown.isEmpty() ? 0 : 1;
  }
}
