package dev.sluice.agent.options;

import dev.sluice.agent.terminal.UsageException;
import dev.sluice.supervisor.handler.Asker;
import dev.sluice.supervisor.handler.Handlers;
import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.Emulations;
import dev.sluice.supervisor.policy.PolicyCompiler;
import dev.sluice.supervisor.policy.PolicyException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/// How the commands of `sluice policy` compile one.
public final class PolicyOptions {
  @Option(
      names = "--plugins",
      paramLabel = "DIR",
      description = "load the handlers in the jars of DIR")
  private Optional<Path> plugIns = Optional.empty();

  public CompiledPolicy compile(Path file) throws PolicyException {
    return compiler().compile(file);
  }

  /// The same for a profile, which is made before there is a container.
  public CompiledPolicy compileForContainers(Path file) throws PolicyException {
    return compiler().inAnyContainer().compile(file);
  }

  public PolicyCompiler compiler() {
    return new PolicyCompiler(emulations(), System.getenv());
  }

  public Emulations emulations() {
    try {
      return Handlers.load(List.of(), plugIns, Asker.NOBODY);
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
  }
}
