package dev.sluice.agent.policy;

import dev.sluice.supervisor.policy.inspect.PolicySchema;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// `sluice policy schema`: for editors.
@Command(
    name = "schema",
    description = "Prints the JSON Schema of policies, for editors.",
    mixinStandardHelpOptions = true)
final class PolicySchemaCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    System.out.print(PolicySchema.text());
    return 0;
  }
}
