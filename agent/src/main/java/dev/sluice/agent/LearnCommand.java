package dev.sluice.agent;

import dev.sluice.supervisor.Sluice;
import dev.sluice.supervisor.audit.AuditRecord;
import dev.sluice.supervisor.audit.learn.PolicyLearner;
import dev.sluice.supervisor.audit.log.LogFiles;
import dev.sluice.supervisor.audit.log.LogLine;
import dev.sluice.supervisor.policy.FileErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `sluice learn`: a policy made of what a command does. Started by `sluice-run`, as `sluice run`.
@Command(
    name = "learn",
    description = {
      "Runs a command, everything allowed and recorded, and writes the policy that allows what it"
          + " did,",
      "with unit tests beside it."
    },
    footer = {
      "",
      "Exit status: that of the command; 2 for wrong usage, 125 if sluice itself fails."
    },
    mixinStandardHelpOptions = true)
final class LearnCommand implements Callable<Integer> {
  private static final String SUFFIX = ".yaml";

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "FILE",
      description = "the policy to write, NAME.yaml; its tests become NAME.test.yaml")
  private Path output = Path.of("");

  @Option(
      names = "--from",
      paramLabel = "LOG",
      description = "what earlier runs did, from their audit logs, is allowed too")
  private List<Path> logs = List.of();

  @Parameters(arity = "1..*", paramLabel = "COMMAND", description = "the command and its arguments")
  private List<String> command = List.of();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    var front = Front.ofEnvironment();
    if (!output.toString().endsWith(SUFFIX)) {
      throw new UsageException("--output: \"" + output + "\" does not end in " + SUFFIX);
    }
    String home = System.getenv().getOrDefault("HOME", "/");
    var learner = new PolicyLearner(Path.of("").toRealPath().toString(), home);
    for (Path log : logs) {
      learnFrom(log, learner);
    }
    var builder =
        Sluice.policyText("learning", PolicyLearner.observing())
            .onRecord(record -> learn(record, learner));
    try (var sluice = builder.open()) {
      return CommandRun.of(front, sluice, argvOffset(), () -> write(learner));
    }
  }

  private static void learn(AuditRecord record, PolicyLearner learner) {
    synchronized (learner) {
      learner.add(record);
    }
  }

  private static void learnFrom(Path log, PolicyLearner learner) {
    try {
      LogFiles.read(
          log,
          line -> {
            if (line.complete() && LogOptions.parse(line) instanceof LogLine.Call(_, var record)) {
              learn(record, learner);
            }
          });
    } catch (IOException e) {
      throw LogOptions.unreadable(log, e);
    }
  }

  private void write(PolicyLearner learner) {
    String name = output.getFileName().toString();
    String base = name.substring(0, name.length() - SUFFIX.length());
    try {
      synchronized (learner) {
        Files.writeString(output, learner.policy(String.join(" ", command)));
        Files.writeString(output.resolveSibling(base + ".test.yaml"), learner.tests(name));
      }
      Main.say("the policy is in " + output + "; look through it before you use it");
    } catch (IOException e) {
      Main.say("\"" + output + "\" cannot be written: " + FileErrors.reason(e));
    }
  }

  private int argvOffset() {
    return spec.root().commandLine().getParseResult().originalArgs().size() - command.size();
  }
}
