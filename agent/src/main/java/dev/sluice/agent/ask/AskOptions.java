package dev.sluice.agent.ask;

import dev.sluice.agent.control.ControlClient;
import dev.sluice.agent.control.ControlClient.Reply;
import dev.sluice.agent.control.JsonValues;
import dev.sluice.agent.serve.ControlOptions;
import dev.sluice.agent.terminal.UsageException;
import dev.sluice.supervisor.SluiceException;
import dev.sluice.supervisor.audit.ByteText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
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

  /// The object that it answers with.
  Map<?, ?> object(Question question) {
    return read(ask(question), JsonValues::object);
  }

  /// What an answer says, by `reader`, which throws [IllegalArgumentException] if it says nothing:
  /// somebody else may listen there.
  <T> T read(String answer, Function<String, T> reader) {
    try {
      return reader.apply(answer);
    } catch (IllegalArgumentException e) {
      throw new SluiceException(
          ByteText.harmless(
              "no agent answers at \"" + control + "\": what was said there is " + e.getMessage()),
          e);
    }
  }

  /// What the agent has of a container.
  ///
  /// @param container its id, or how that begins
  /// @param what comes behind it
  static String path(String container, String what) {
    if (container.isEmpty()) { // a variable of a script, say, that is not set
      throw new UsageException("CONTAINER is empty; it is an id, or how that begins");
    }
    return "/v1/containers/" + ControlClient.encode(container) + "/" + what;
  }

  private static String complaint(Reply reply) {
    try {
      if (JsonValues.object(reply.body()).get("error") instanceof String error) {
        return error.lines().map(ByteText::harmless).collect(Collectors.joining("\n"));
      }
    } catch (IllegalArgumentException e) {
      // such as what readyz says
    }
    return "the agent says: " + ByteText.harmless(reply.body().strip());
  }
}
