package dev.sluice.agent.policy;

import dev.sluice.agent.options.PolicyOptions;
import dev.sluice.supervisor.policy.PolicyException;
import dev.sluice.supervisor.policy.diff.Change;
import dev.sluice.supervisor.policy.diff.PolicyDiff;
import dev.sluice.supervisor.policy.inspect.ReportJson;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `sluice policy diff`: which calls a change of a policy is about.
@Command(
    name = "diff",
    description = "Says which calls two policies decide differently, with examples.",
    footer = {
      "",
      "Exit status: as diff(1), 0 if every verdict is the same, 1 if not, 2 for trouble."
    },
    mixinStandardHelpOptions = true)
final class PolicyDiffCommand implements Callable<Integer> {
  private enum Format {
    text,
    json
  }

  @Parameters(index = "0", paramLabel = "OLD", description = "a policy")
  private Path before = Path.of("");

  @Parameters(index = "1", paramLabel = "NEW", description = "another")
  private Path after = Path.of("");

  @Option(names = "--format", paramLabel = "FORMAT", description = "text or json")
  private Format format = Format.text;

  @Mixin private PolicyOptions options = new PolicyOptions();

  @Override
  public Integer call() throws PolicyException {
    List<Change> changes = PolicyDiff.of(options.compile(before), options.compile(after));
    switch (format) {
      case text -> changes.forEach(System.out::println);
      case json -> System.out.println(ReportJson.ofChanges(changes));
    }
    return changes.isEmpty() ? 0 : 1;
  }
}
