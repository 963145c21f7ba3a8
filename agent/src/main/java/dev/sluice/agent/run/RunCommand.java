package dev.sluice.agent.run;

import dev.sluice.agent.options.AuditOptions;
import dev.sluice.agent.options.CallSet;
import dev.sluice.agent.options.SupervisorOptions;
import dev.sluice.agent.terminal.UsageException;
import dev.sluice.supervisor.SluiceBuilder;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `sluice run`: one command under a policy. Started by `sluice-run`, which has the terminal.
@Command(
    name = "run",
    description = "Runs a command under a policy, with its terminal, and exits with its status.",
    footer = {
      "",
      "Exit status: that of the command, 128+n if signal n ended it; 2 for wrong usage or policy,"
          + " 125 if sluice itself fails, 126 or 127 if the command cannot be executed or found."
    },
    mixinStandardHelpOptions = true)
public final class RunCommand implements Callable<Integer> {
  @Mixin private SupervisorOptions options = new SupervisorOptions();

  @Option(
      names = "--allow-new-privileges",
      description = "let setuid programs gain privileges; needs CAP_SYS_ADMIN")
  private boolean allowNewPrivileges;

  @Option(
      names = "--trace",
      paramLabel = "SET",
      split = ",",
      description =
          "without a policy: show these calls and groups, such as @open,connect or all, as strace"
              + " does, or record them with --audit")
  private List<String> trace = List.of();

  @Option(
      names = "--agent",
      arity = "0..1",
      paramLabel = "SOCKET",
      description =
          "have a running agent supervise the command, whose socket is /run/sluice/agent.sock if"
              + " none is named. Comes before all other options, of which only --policy NAME may"
              + " follow: the name of one of the agent's policies")
  private Optional<String> agent = Optional.empty();

  @Option(
      names = "-c",
      description =
          "without a policy: only show sums, as strace -c; of all calls if there is no --trace")
  private boolean sums;

  @Option(
      names = "-v",
      description =
          "without a policy: also show the environment of programs, as strace -v, which may have"
              + " secrets; all calls if there is no --trace")
  private boolean verbose;

  @Parameters(arity = "1..*", paramLabel = "COMMAND", description = "the command and its arguments")
  private List<String> command = List.of();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    if (agent.isPresent()) {
      throw new UsageException(
          "--agent comes first: 'sluice run --agent[=SOCKET] [--policy NAME] -- COMMAND'");
    }
    var front = Front.ofEnvironment();
    var builder = builder();
    TerminalAsker.open().ifPresent(builder::asker);
    if (allowNewPrivileges) {
      builder.allowNewPrivileges();
    }
    options.prepare(builder, AuditOptions.Earlier.GOES);
    try (var sluice = builder.open()) {
      options.watchForCommand(sluice);
      return CommandRun.of(front, sluice, argvOffset(), status -> status);
    }
  }

  private SluiceBuilder builder() {
    boolean traced = !trace.isEmpty() || sums || verbose;
    if (options.hasPolicy() || !(traced || options.hasAudit())) {
      if (traced) {
        throw new UsageException("--trace is for commands without a policy");
      }
      return options.builder("run");
    }
    Set<String> calls = CallSet.of("--trace", trace.isEmpty() ? List.of("all") : trace);
    var builder = options.builder(TracePolicy.NAME, TracePolicy.of(calls, shown()));
    if (sums || !options.hasAudit()) {
      builder.sink(new TraceSink(System.err, sums));
    }
    return builder;
  }

  private List<String> shown() {
    if (sums && !options.hasAudit()) {
      return List.of();
    }
    return verbose ? List.of("argv", "env", "data") : List.of("argv", "data");
  }

  /// Where the command begins in the arguments of the whole program, which the launcher has too.
  private int argvOffset() {
    CommandLine.ParseResult top = spec.root().commandLine().getParseResult();
    return top.originalArgs().size() - command.size();
  }
}
