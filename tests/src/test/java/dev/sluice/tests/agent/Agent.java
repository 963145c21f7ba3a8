package dev.sluice.tests.agent;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// An agent in a sandbox, and made-up containers that are handed over to it
/// (`src/test/python/made_up_container.py`).
final class Agent implements AutoCloseable {
  private final Sandbox sandbox;
  private final Path socket;
  private final Running process;

  private Agent(Sandbox sandbox, Path socket, Running process) {
    this.sandbox = sandbox;
    this.socket = socket;
    this.process = process;
  }

  static Agent start(Sandbox sandbox, String... options) {
    Path socket = sandbox.path("agent.sock");
    var words = new ArrayList<>(List.of("agent", "--socket", socket.toString()));
    words.addAll(List.of(options));
    Running process =
        sandbox
            .sluice(words.toArray(String[]::new))
            .environment("SLUICE_LOG", "info")
            .start()
            .awaitError("listening at " + socket);
    return new Agent(sandbox, socket, process);
  }

  /// @param annotations members of a JSON object
  Running container(String id, String metadata, String annotations, String calls) {
    String state =
        """
        {"metadata": "%s", "state": {"id": "%s", "bundle": "/b", "annotations": {%s}}}
        """
            .formatted(metadata, id, annotations);
    var words = new ArrayList<>(Project.python("made_up_container"));
    words.addAll(List.of(socket.toString(), state, calls));
    Running container = sandbox.command(words).start().awaitOutput("handed over");
    process.await(
        "the container", () -> process.err().contains("container " + id + ":")
            || process.err().contains("container " + id + ", process"));
    return container;
  }

  /// What a call of `container` comes to.
  static String say(Running container, String line) {
    int before = container.out().length();
    container.type(line + "\n");
    container.await("an answer to " + line, () -> container.out().indexOf('\n', before) >= 0);
    return container.out().substring(before).strip();
  }

  /// A `sluice` command that asks this agent.
  Command command(String name, String... arguments) {
    var words = new ArrayList<>(List.of(name, "--control", control().toString()));
    words.addAll(List.of(arguments));
    return sandbox.sluice(words.toArray(String[]::new));
  }

  Path control() {
    return socket.resolveSibling("control.sock");
  }

  Path socket() {
    return socket;
  }

  Running process() {
    return process;
  }


  @Override
  public void close() {
    process.close();
  }
}
