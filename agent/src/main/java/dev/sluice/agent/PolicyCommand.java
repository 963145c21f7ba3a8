package dev.sluice.agent;

import dev.sluice.supervisor.Sluice;
import dev.sluice.supervisor.bpf.Disassembler;
import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.PolicyException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `sluice policy`: everything about policies that needs no command to run.
@Command(
    name = "policy",
    description = "Checks policies, and shows what they compile to.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND")
final class PolicyCommand {
  @Command(name = "check", description = "Says what is wrong with a policy.")
  int check(@Parameters(paramLabel = "FILE", description = "the policy") Path file)
      throws PolicyException {
    CompiledPolicy policy = Sluice.policy(file).compile();
    policy.warnings().forEach(System.out::println);
    System.out.println(
        file
            + ": "
            + count(policy.policy().rules().size(), "rule")
            + ", a filter of "
            + count(policy.filter().size(), "instruction")
            + (policy.notifies() ? "" : ", no supervisor needed"));
    return 0;
  }

  private static String count(int number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }

  @Command(name = "compile", description = "Prints the filter of a policy.")
  int compile(@Parameters(paramLabel = "FILE", description = "the policy") Path file)
      throws PolicyException {
    System.out.print(Disassembler.disassemble(Sluice.policy(file).compile().filter()));
    return 0;
  }
}
