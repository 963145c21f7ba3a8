package dev.sluice.agent;

import dev.sluice.agent.ask.DrainCommand;
import dev.sluice.agent.ask.ExplainCommand;
import dev.sluice.agent.ask.KillCommand;
import dev.sluice.agent.ask.PsCommand;
import dev.sluice.agent.ask.QuarantineCommand;
import dev.sluice.agent.ask.ReloadCommand;
import dev.sluice.agent.ask.StatusCommand;
import dev.sluice.agent.ask.TopCommand;
import dev.sluice.agent.learn.LearnCommand;
import dev.sluice.agent.log.LogCommand;
import dev.sluice.agent.log.ReplayCommand;
import dev.sluice.agent.policy.PolicyCommand;
import dev.sluice.agent.run.RunCommand;
import dev.sluice.agent.serve.AgentCommand;
import dev.sluice.agent.terminal.ExitStatus;
import dev.sluice.agent.terminal.Output;
import dev.sluice.agent.terminal.ReaderGoneException;
import dev.sluice.agent.terminal.UsageException;
import dev.sluice.agent.terminal.UsageMessage;
import dev.sluice.supervisor.SluiceException;
import dev.sluice.supervisor.kernel.SyscallException;
import dev.sluice.supervisor.policy.PolicyException;
import dev.sluice.supervisor.policy.condition.PathAnchor;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.TypeConversionException;

/// `sluice`: the command line.
@Command(
    name = "sluice",
    description = "Supervises the system calls of programs.",
    versionProvider = Main.Version.class,
    footer = {
      "",
      "'sluice train' records a start, so that later ones are quicker; packages do that."
    },
    mixinStandardHelpOptions = true)
public final class Main {
  private record Subcommand(String name, Class<?> type) {}

  private static final List<Subcommand> SUBCOMMANDS =
      List.of(
          new Subcommand("run", RunCommand.class),
          new Subcommand("learn", LearnCommand.class),
          new Subcommand("agent", AgentCommand.class),
          new Subcommand("ps", PsCommand.class),
          new Subcommand("top", TopCommand.class),
          new Subcommand("status", StatusCommand.class),
          new Subcommand("explain", ExplainCommand.class),
          new Subcommand("quarantine", QuarantineCommand.class),
          new Subcommand("kill", KillCommand.class),
          new Subcommand("drain", DrainCommand.class),
          new Subcommand("reload", ReloadCommand.class),
          new Subcommand("policy", PolicyCommand.class),
          new Subcommand("log", LogCommand.class),
          new Subcommand("replay", ReplayCommand.class),
          new Subcommand("doctor", DoctorCommand.class));

  /// Those whose operands may have options behind them.
  private static final Set<String> WITH_OPTIONS_ANYWHERE =
      Set.of("policy", "log", "replay", "kill", "quarantine");

  private Main() {}

  public static void main(String[] args) {
    // halt: nobody waits for an orderly end, and shutting Netty down takes longer than most
    // commands
    int status = ExitStatus.FAILED;
    try {
      status = execute(args);
    } catch (Throwable e) { // after halt() nobody is left to say it
      status = report(e);
    } finally {
      Runtime.getRuntime().halt(status);
    }
  }

  static int execute(String... args) {
    var line = new CommandLine(new Main());
    addSubcommands(line, args.length > 0 ? args[0] : "");
    line.setStopAtPositional(true);
    line.setExpandAtFiles(false); // they are words of commands that are run, too
    line.registerConverter(Path.class, Main::path);
    line.getSubcommands()
        .forEach((name, subcommand) ->
            subcommand.setStopAtPositional(!WITH_OPTIONS_ANYWHERE.contains(name)));
    line.setExecutionExceptionHandler((e, _, _) -> report(e));
    line.setParameterExceptionHandler((e, _) -> {
      Output.say(UsageMessage.of(e));
      return ExitStatus.USAGE;
    });
    if (args.length == 0) {
      line.usage(System.err);
      return ExitStatus.USAGE;
    }
    return line.execute(args);
  }

  /// Only the one that is asked for, if there is one: picocli builds them by reflection, which for
  /// all of them takes as long as half of a start.
  private static void addSubcommands(CommandLine line, String first) {
    boolean known = SUBCOMMANDS.stream().anyMatch(each -> each.name().equals(first));
    for (Subcommand each : SUBCOMMANDS) {
      if (!known || each.name().equals(first)) {
        line.addSubcommand(each.name(), each.type());
      }
    }
  }

  private static Path path(String word) {
    try {
      return PathAnchor.path(word);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }

  private static int report(Throwable e) {
    return switch (e) {
      case PolicyException policy -> {
        policy.diagnostics().forEach(System.err::println);
        yield ExitStatus.USAGE;
      }
      case UsageException usage -> {
        Output.say(usage.getMessage());
        yield ExitStatus.USAGE;
      }
      case ReaderGoneException _ -> ExitStatus.READER_GONE;
      case SluiceException known -> {
        Output.say(known.getMessage());
        yield ExitStatus.FAILED;
      }
      case SyscallException known -> {
        Output.say(known.getMessage());
        yield ExitStatus.FAILED;
      }
      default -> {
        // a mistake of ours: the trace is for the report
        e.printStackTrace();
        yield ExitStatus.FAILED;
      }
    };
  }

  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"sluice 0.1.0"};
    }
  }
}
