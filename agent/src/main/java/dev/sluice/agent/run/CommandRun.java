package dev.sluice.agent.run;

import dev.sluice.agent.terminal.ExitStatus;
import dev.sluice.agent.terminal.Output;
import dev.sluice.supervisor.Sluice;
import dev.sluice.supervisor.launch.LaunchException;
import dev.sluice.supervisor.launch.Launcher;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntUnaryOperator;

/// A command on its way from its start to its end, under a supervisor.
public final class CommandRun {
  private static final long OVER_MILLIS = 50;

  private CommandRun() {}

  /// @param argvOffset where the command begins in the arguments of the whole program, which the
  ///   launcher has too
  /// @param afterwards what is done before whoever waits for the command hears of its end, with its
  ///   wait status, and makes of that what they hear
  public static int of(Front front, Sluice sluice, int argvOffset, IntUnaryOperator afterwards) {
    try (var launcher = Launcher.greet(front.launchSocket())) {
      if (!sluice.policy().notifies()) {
        // the kernel does it all: nobody has to stay
        launcher.abort(0);
        front.become(sluice.plan(launcher, argvOffset));
        return 0;
      }
      var ended = sluice.supervise(launcher, argvOffset, front::started);
      int status = front.await();
      sluice.flush();
      if (isOver(ended)) {
        sluice.endRecords(); // whoever looks at them next finds their end
      }
      front.ended(afterwards.applyAsInt(status));
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
      Output.say(e.getMessage());
      return ExitStatus.FAILED;
    }
  }

  /// Whether the command has left nothing behind: the kernel says so at once, or never.
  private static boolean isOver(CompletableFuture<Void> ended) {
    return ended
        .thenApply(_ -> true)
        .completeOnTimeout(false, OVER_MILLIS, TimeUnit.MILLISECONDS)
        .join();
  }
}
