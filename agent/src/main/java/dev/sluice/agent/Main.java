package dev.sluice.agent;

import dev.sluice.supervisor.SluiceException;
import dev.sluice.supervisor.kernel.SyscallException;
import dev.sluice.supervisor.policy.PolicyException;
import dev.sluice.supervisor.policy.condition.PathAnchor;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.TypeConversionException;

/// `sluice`: the command line.
@Command(
    name = "sluice",
    description = "Supervises the system calls of programs.",
    subcommands = {
      RunCommand.class,
      LearnCommand.class,
      AgentCommand.class,
      PsCommand.class,
      TopCommand.class,
      StatusCommand.class,
      ExplainCommand.class,
      QuarantineCommand.class,
      KillCommand.class,
      DrainCommand.class,
      ReloadCommand.class,
      PolicyCommand.class,
      LogCommand.class,
      ReplayCommand.class,
      DoctorCommand.class
    },
    versionProvider = Main.Version.class,
    mixinStandardHelpOptions = true)
public final class Main {
  /// The statuses beside a command's own, as env(1) has them.
  static final int USAGE = 2;

  static final int FAILED = 125;

  private Main() {}

  public static void main(String[] args) {
    // halt: nobody waits for an orderly end, and shutting Netty down takes longer than most
    // commands
    int status = FAILED;
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
    line.setStopAtPositional(true);
    line.registerConverter(Path.class, Main::path);
    for (String command : List.of("policy", "log", "replay", "kill", "quarantine")) {
      Objects.requireNonNull(line.getSubcommands().get(command)).setStopAtPositional(false);
    }
    line.setExecutionExceptionHandler((e, _, _) -> report(e));
    line.setParameterExceptionHandler((e, _) -> {
      say(UsageMessage.of(e));
      return USAGE;
    });
    if (args.length == 0) {
      line.usage(System.err);
      return USAGE;
    }
    return line.execute(args);
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
        yield USAGE;
      }
      case UsageException usage -> {
        say(usage.getMessage());
        yield USAGE;
      }
      case SluiceException known -> {
        say(known.getMessage());
        yield FAILED;
      }
      case SyscallException known -> {
        say(known.getMessage());
        yield FAILED;
      }
      default -> {
        // a mistake of ours: the trace is for the report
        e.printStackTrace();
        yield FAILED;
      }
    };
  }

  static void say(@Nullable String message) {
    System.err.println("sluice: " + message);
  }

  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"sluice 0.1.0"};
    }
  }
}
