package dev.sluice.agent.ask;

import dev.sluice.agent.terminal.ExitStatus;
import dev.sluice.agent.terminal.Output;
import dev.sluice.agent.terminal.UsageException;
import dev.sluice.supervisor.RunningSupervisor;
import dev.sluice.supervisor.SluiceException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `sluice reload`: has running supervisors read their policies again.
@Command(
    name = "reload",
    description = "Has running supervisors of this user read their policies again.",
    footer = {
      "",
      "A policy that is wrong, or that the filter of the running command cannot express, changes"
          + " nothing, and the exit status is 2; 125 if one does not answer within 60 s. Supervised"
          + " processes may not ask for it."
    },
    mixinStandardHelpOptions = true)
public final class ReloadCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "PID",
      description = "only those of these processes: sluice run, or the supervisor itself")
  private List<Long> pids = List.of();

  @Option(
      names = "--control",
      paramLabel = "PATH",
      description = "only the agent with that control socket, whoever runs it")
  private Optional<Path> control = Optional.empty();

  @Override
  public Integer call() throws IOException {
    if (control.isPresent() && !pids.isEmpty()) {
      throw new UsageException("--control says which agent, so that no PID can");
    }
    if (control.isPresent()) {
      return ask(control.get());
    }
    int asked = 0;
    int status = 0;
    for (RunningSupervisor each : RunningSupervisor.all()) {
      OptionalInt answer = isChosen(each) ? ask(each) : OptionalInt.empty();
      if (answer.isPresent()) {
        asked++;
        status = Math.max(status, answer.getAsInt());
      }
    }
    if (asked == 0) {
      throw new UsageException(
          pids.isEmpty()
              ? "no supervisor of this user is running"
              : "no supervisor of this user is running as process " + pids.getFirst());
    }
    return status;
  }

  /// What to exit with; empty if it is not running after all. One that does not answer keeps no
  /// other from being asked.
  private static OptionalInt ask(RunningSupervisor supervisor) {
    Optional<String> answer;
    try {
      answer = supervisor.reload();
    } catch (SluiceException e) {
      Output.say(e.getMessage());
      return OptionalInt.of(ExitStatus.FAILED);
    }
    if (answer.isEmpty()) {
      return OptionalInt.empty();
    }
    if (answer.get().isEmpty()) {
      Output.line(supervisor.pid() + ": reloaded");
      return OptionalInt.of(0);
    }
    answer.get().lines().forEach(System.err::println);
    Output.say("process " + supervisor.pid() + " goes on with the policy it had");
    return OptionalInt.of(ExitStatus.USAGE);
  }

  private static int ask(Path control) {
    var agent = new AskOptions(control);
    var status = agent.object(client -> client.post("/v1/reload", ""));
    Output.line(status.get("pid") + ": reloaded");
    return 0;
  }

  private boolean isChosen(RunningSupervisor supervisor) {
    return pids.isEmpty()
        || pids.contains(supervisor.pid())
        || ProcessHandle.of(supervisor.pid())
            .flatMap(ProcessHandle::parent)
            .filter(parent -> pids.contains(parent.pid()))
            .isPresent();
  }
}
