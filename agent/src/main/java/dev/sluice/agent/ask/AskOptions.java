package dev.sluice.agent.ask;

import dev.sluice.agent.control.ControlClient;
import dev.sluice.agent.control.ControlClient.Reply;
import dev.sluice.agent.control.JsonValues;
import dev.sluice.agent.serve.ControlOptions;
import dev.sluice.agent.terminal.UsageException;
import dev.sluice.supervisor.SluiceException;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/// Which agent a command asks.
final class AskOptions {
  /// The question to an agent.
  interface Question {
    Reply ask(ControlClient client) throws IOException;
  }

  @Option(
      names = "--control",
      paramLabel = "PATH",
      description = "the control socket of the agent; ${DEFAULT-VALUE} if not given")
  private Path control = Path.of(ControlOptions.DEFAULT);

  AskOptions() {}

  /// The one with that socket.
  AskOptions(Path control) {
    this.control = control;
  }

  /// Its answer. What it does not like is wrong usage.
  String ask(Question question) {
    try {
      Reply reply = question.ask(new ControlClient(control));
      if (!reply.isGood()) {
        throw new UsageException(complaint(reply));
      }
      return reply.body();
    } catch (IOException e) {
      throw new SluiceException(
          "no agent answers at \"" + control + "\": " + e.getMessage() + "; is it running?", e);
    }
  }

  private static String complaint(Reply reply) {
    return reply.body().startsWith("{")
        ? String.valueOf(JsonValues.object(reply.body()).get("error"))
        : "the agent says: " + reply.body().strip();
  }
}
