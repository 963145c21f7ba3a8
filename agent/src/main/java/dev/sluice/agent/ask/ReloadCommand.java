package dev.sluice.agent.ask;

import dev.sluice.agent.terminal.ExitStatus;
import dev.sluice.agent.terminal.Output;
import dev.sluice.agent.terminal.UsageException;
import dev.sluice.supervisor.RunningSupervisor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
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
          + " nothing, and the exit status is 2. Supervised processes may not ask for it."
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
      Optional<String> answer = isChosen(each) ? each.reload() : Optional.empty();
      if (answer.isEmpty()) {
        continue;
      }
      asked++;
      String complaints = answer.get();
      if (complaints.isEmpty()) {
        Output.line(each.pid() + ": reloaded");
      } else {
        complaints.lines().forEach(System.err::println);
        Output.say("process " + each.pid() + " goes on with the policy it had");
        status = ExitStatus.USAGE;
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
