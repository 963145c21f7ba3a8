package dev.sluice.agent;

import dev.sluice.supervisor.Sluice;
import dev.sluice.supervisor.launch.LaunchException;
import dev.sluice.supervisor.launch.Launcher;
import java.util.List;
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
      "Exit status: that of the command, 128+n if signal n ended it; 2 for wrong usage or policy,",
      "125 if sluice itself fails, 126 or 127 if the command cannot be executed or found."
    },
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  @Mixin private SupervisorOptions options = new SupervisorOptions();

  @Option(
      names = "--allow-new-privileges",
      description = "let setuid programs gain privileges; needs CAP_SYS_ADMIN")
  private boolean allowNewPrivileges;

  @Parameters(arity = "1..*", paramLabel = "COMMAND", description = "the command and its arguments")
  private List<String> command = List.of();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    var front = Front.ofEnvironment();
    var builder = options.builder();
    TerminalAsker.open().ifPresent(builder::asker);
    if (allowNewPrivileges) {
      builder.allowNewPrivileges();
    }
    options.prepare(builder);
    try (var sluice = builder.open()) {
      options.watch(sluice);
      return run(front, sluice);
    }
  }

  private int run(Front front, Sluice sluice) {
    try (var launcher = Launcher.greet(front.launchSocket())) {
      if (!sluice.policy().notifies()) {
        // the kernel does it all: nobody has to stay
        launcher.abort(0);
        front.become(sluice.plan(launcher, argvOffset()));
        return 0;
      }
      var ended = sluice.supervise(launcher, argvOffset());
      front.started();
      int status = front.await();
      sluice.flush();
      front.ended(status);
      // what the command left behind is still mediated
      ended.join();
      return 0;
    } catch (LaunchException e) {
      if (e.stage() == LaunchException.Stage.GONE
          || e.stage() == LaunchException.Stage.NO_COMMAND) {
        // the launcher has said why, or was killed
        front.ended(front.await());
        return 0;
      }
      Main.say(e.getMessage());
      return Main.FAILED;
    }
  }

  /// Where the command begins in the arguments of the whole program, which the launcher has too.
  private int argvOffset() {
    CommandLine.ParseResult top = spec.root().commandLine().getParseResult();
    return top.originalArgs().size() - command.size();
  }
}
