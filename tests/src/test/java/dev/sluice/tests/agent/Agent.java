package dev.sluice.tests.agent;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import dev.sluice.tests.harness.User;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

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

  /// Waits until it listens.
  static Agent start(Sandbox sandbox, String... options) {
    return start(sandbox.directory(), sandbox, options);
  }

  /// The same with its sockets in `directory`.
  static Agent start(Path directory, Sandbox sandbox, String... options) {
    return start(directory, "", Optional.empty(), sandbox, options);
  }

  /// The same in a Java machine that has no more than these options say.
  static Agent limited(String javaOptions, Sandbox sandbox, String... options) {
    return start(sandbox.directory(), javaOptions, Optional.empty(), sandbox, options);
  }

  /// The same of another user, with its sockets in `directory`.
  static Agent startAs(User user, Path directory, Sandbox sandbox, String... options) {
    return start(directory, "", Optional.of(user), sandbox, options);
  }

  private static Agent start(
      Path directory, String javaOptions, Optional<User> user, Sandbox sandbox, String... options) {
    Path socket = directory.resolve("agent.sock");
    var words = new ArrayList<>(List.of("agent", "--socket", socket.toString()));
    words.addAll(List.of(options));
    Command command =
        sandbox.sluice(words.toArray(String[]::new)).environment("SLUICE_LOG", "info");
    user.ifPresent(command::supervisedAs);
    if (!javaOptions.isEmpty()) {
      command.environment("_JAVA_OPTIONS", javaOptions);
    }
    Running process = command.start();
    String ready = "listening at " + socket;
    process.await(ready, () -> process.err().contains(ready) || !process.isAlive());
    if (!process.err().contains(ready)) {
      throw new AssertionError(process.finish().toString());
    }
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
    long before = supervised(id);
    Running container = sandbox.command(words).start().awaitOutput("handed over\n");
    process.await("the container", () -> supervised(id) > before);
    return container;
  }

  /// How often the log has said so.
  private long supervised(String id) {
    var said = Pattern.compile("container " + id + "(, process|: every call)");
    return said.matcher(process.err()).results().count();
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

  /// A command that the agent whose socket is in the sandbox is to supervise.
  static Command run(Sandbox sandbox, String... words) {
    var all = new ArrayList<>(List.of("run", "--agent=" + sandbox.path("agent.sock")));
    all.addAll(List.of(words));
    return sandbox.sluice(all.toArray(String[]::new));
  }

  void awaitPending(int count) {
    process.await(
        count + " pending calls",
        () -> command("status").run().mustSucceed().out().contains("pending: " + count));
  }

  /// Of one with a keeper: as the kernel does when memory runs out. Returns when the next one
  /// listens.
  void killAgent() {
    String ready = "listening at " + socket;
    long before = process.err().lines().filter(line -> line.contains(ready)).count();
    Running.signal("KILL", process.supervisorPid());
    process.await(
        "the next agent",
        () -> process.err().lines().filter(line -> line.contains(ready)).count() > before);
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
