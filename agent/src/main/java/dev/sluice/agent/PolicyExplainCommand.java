package dev.sluice.agent;

import dev.sluice.supervisor.bpf.Disassembler;
import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.PolicyException;
import dev.sluice.supervisor.policy.SafetyClass;
import dev.sluice.supervisor.policy.inspect.ArchName;
import dev.sluice.supervisor.policy.inspect.CallReader;
import dev.sluice.supervisor.policy.inspect.DescribedCall;
import dev.sluice.supervisor.policy.inspect.DescribedTask;
import dev.sluice.supervisor.policy.inspect.Explainer;
import dev.sluice.supervisor.policy.inspect.Explanation;
import dev.sluice.supervisor.policy.inspect.UndescribedException;
import dev.sluice.supervisor.syscall.Arch;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
      "ARG is a value, in the order of the call's parameters, or NAME=VALUE under the names of the",
      "manual page or of conditions: openat AT_FDCWD /etc/shadow O_RDONLY, or",
      "mount target=/mnt fstype=tmpfs flags=MS_NOSUID|MS_NODEV.",
      "",
      "Exit status: 0, whatever the verdict; 2 if the policy or the call is wrong, or if the",
      "verdict depends on what was not said."
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
    print(explain(policy));
    return 0;
  }

  private Explanation explain(CompiledPolicy policy) {
    try {
      return new Explainer(policy).explain(describe(policy.policy().architectures()));
    } catch (UndescribedException e) {
      throw new UsageException(e.getMessage() + hint(e.missing()));
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
  }

  private static String hint(String missing) {
    String task = "task.";
    if (missing.isEmpty()) {
      return "";
    }
    return missing.startsWith(task)
        ? ": add --task " + missing.substring(task.length()) + "=VALUE"
        : ": add " + missing + "=VALUE";
  }

  private DescribedCall describe(Set<Arch> architectures) {
    String home = System.getenv().getOrDefault("HOME", "/");
    DescribedTask task = DescribedTask.UNKNOWN;
    for (String fact : facts) {
      int equals = fact.indexOf('=');
      if (equals < 0) {
        throw new UsageException("--task takes NAME=VALUE, such as uid=1000, not '" + fact + "'");
      }
      task = task.with(fact.substring(0, equals), fact.substring(equals + 1), home);
    }
    Arch usual =
        architectures.contains(Arch.host()) ? Arch.host() : architectures.iterator().next();
    return CallReader.read(arch.map(ArchName::parse).orElse(usual), name, words, task, home);
  }

  private static void print(Explanation explanation) {
    int instructions = explanation.filter().executed();
    System.out.println(explanation.call());
    line("verdict", explanation.verdict());
    explanation
        .decision()
        .ifPresent(decision -> line("rule", decision.rule() + " (" + decision.location() + ")"));
    line(
        "tier",
        explanation.tier()
            + ": the filter returns "
            + Disassembler.action(explanation.filter().action())
            + " after "
            + instructions
            + " instruction"
            + (instructions == 1 ? "" : "s"));
    line("class", explanation.safety() + ": " + meaning(explanation.safety()));
    explanation.because().forEach(reason -> System.out.println("  " + reason));
  }

  private static void line(String name, String value) {
    System.out.println("  " + name + ": " + value);
  }

  private static String meaning(SafetyClass safety) {
    return switch (safety) {
      case KERNEL -> "decided by the filter";
      case REGISTERS -> "decided by what nobody can change while the call waits";
      case EMULATED -> "done, or refused, on copies and on objects that are held";
      case VERIFIED -> "what the kernel executes is looked at before its first instruction";
      case FLOORED -> "nothing the call could become is worth denying";
      case RACY -> "what was looked at may be another when the kernel looks again";
    };
  }
}
