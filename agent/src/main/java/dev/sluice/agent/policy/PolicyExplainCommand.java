package dev.sluice.agent.policy;

import dev.sluice.agent.explain.AskedCall;
import dev.sluice.agent.options.PolicyOptions;
import dev.sluice.agent.terminal.UsageException;
import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.PolicyException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `sluice policy explain`: what becomes of one call, and why.
@Command(
    name = "explain",
    description = "Says what a policy does with a call, and why.",
    footer = {
      "",
      "ARG is a value, in the order of the call's parameters, or NAME=VALUE under the names of the"
          + " manual page or of conditions: openat AT_FDCWD /etc/shadow O_RDONLY, or mount"
          + " target=/mnt fstype=tmpfs flags=MS_NOSUID|MS_NODEV.",
      "",
      "Exit status: 0, whatever the verdict; 2 if the policy or the call is wrong, or if the"
          + " verdict depends on what was not said."
    },
    mixinStandardHelpOptions = true)
final class PolicyExplainCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "FILE", description = "the policy")
  private Path file = Path.of("");

  @Parameters(index = "1", paramLabel = "CALL", description = "the system call")
  private String name = "";

  @Parameters(index = "2..*", paramLabel = "ARG", arity = "0..*", description = "its arguments")
  private List<String> words = List.of();

  @Option(
      names = "--task",
      paramLabel = "NAME=VALUE",
      split = ",",
      description = "who calls: uid, gid, pid, tid, caps, comm, exe, cwd")
  private List<String> facts = List.of();

  @Option(
      names = "--arch",
      paramLabel = "NAME",
      description = "the ABI of the call: x86_64, i386 or aarch64; by default the policy's")
  private Optional<String> arch = Optional.empty();

  @Mixin private PolicyOptions options = new PolicyOptions();

  @Override
  public Integer call() throws PolicyException {
    CompiledPolicy policy = options.compile(file);
    try {
      System.out.print(AskedCall.of(name, words, facts, arch).explain(policy));
      return 0;
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
  }
}
