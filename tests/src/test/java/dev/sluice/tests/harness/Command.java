package dev.sluice.tests.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A command to run, natively or under a policy.
public final class Command {
  private final Sandbox sandbox;
  private final List<String> words;
  private final List<String> options = new ArrayList<>();
  private final Map<String, String> environment = new LinkedHashMap<>();
  private Optional<Path> policy = Optional.empty();
  private Path directory;
  private String input = "";
  private List<String> user = List.of();
  private List<String> supervisingUser = List.of();
  private List<String> limit = List.of();

  Command(Sandbox sandbox, List<String> words) {
    this.sandbox = sandbox;
    this.words = words;
    this.directory = sandbox.directory();
  }

  /// What it is, without what it runs under.
  public List<String> words() {
    return List.copyOf(words);
  }

  /// By `sluice run`, which records every decision.
  public Command under(Path policyFile) {
    policy = Optional.of(policyFile);
    return this;
  }

  /// Options of `sluice run`.
  public Command option(String... more) {
    options.addAll(List.of(more));
    return this;
  }

  /// As another user; but `sluice` stays who it is.
  public Command as(User other) {
    user = other.prefix();
    return this;
  }

  /// As another user, and `sluice` too.
  public Command supervisedAs(User other) {
    supervisingUser = other.prefix();
    return this;
  }

  /// With so few descriptors (RLIMIT_NOFILE), and `sluice` too.
  public Command withDescriptors(int most) {
    limit = List.of("prlimit", "--nofile=" + most + ":" + most);
    return this;
  }

  public Command in(Path workingDirectory) {
    directory = workingDirectory;
    return this;
  }

  public Command environment(String name, String value) {
    environment.put(name, value);
    return this;
  }

  public Command input(String text) {
    input = text;
    return this;
  }

  /// Runs it to its end.
  public Run run() {
    Running process = start();
    process.type(input);
    process.closeInput();
    return process.finish();
  }

  /// Starts it.
  public Running start() {
    var all = new ArrayList<>(limit);
    all.addAll(supervisingUser);
    Optional<Path> audit = policy.map(_ -> sandbox.newAuditFile());
    if (policy.isPresent()) {
      all.addAll(List.of(Project.SCRIPT.toString(), "run", "--policy", policy.get().toString()));
      all.addAll(List.of("--audit", audit.orElseThrow().toString()));
      all.addAll(options);
      all.add("--");
    }
    all.addAll(user);
    all.addAll(words);
    var builder = new ProcessBuilder(all).directory(directory.toFile());
    // the project is built, and is not to be built by what tests it
    builder.environment().put("SLUICE_NO_BUILD", "1");
    // what Maven or its user may have set, and not everybody has
    builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "SLUICE_LOG"));
    builder.environment().putAll(environment);
    try {
      var running = new Running(builder.start(), all, audit);
      sandbox.endWithTest(running);
      return running;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
