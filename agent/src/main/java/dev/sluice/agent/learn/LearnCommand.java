package dev.sluice.agent.learn;

import dev.sluice.agent.log.LogOptions;
import dev.sluice.agent.options.PolicyOptions;
import dev.sluice.agent.options.TimeSpan;
import dev.sluice.agent.run.CommandRun;
import dev.sluice.agent.run.Front;
import dev.sluice.agent.terminal.ExitStatus;
import dev.sluice.agent.terminal.Output;
import dev.sluice.agent.terminal.UsageException;
import dev.sluice.supervisor.Sluice;
import dev.sluice.supervisor.SluiceBuilder;
import dev.sluice.supervisor.audit.AuditRecord;
import dev.sluice.supervisor.audit.learn.PolicyLearner;
import dev.sluice.supervisor.audit.learn.PolicyUpdate;
import dev.sluice.supervisor.audit.log.LogLine;
import dev.sluice.supervisor.policy.FileErrors;
import dev.sluice.supervisor.policy.PolicyCompiler;
import dev.sluice.supervisor.policy.PolicyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `sluice learn`: a policy made of what a command does. Started by `sluice-run`, as `sluice run`.
@Command(
    name = "learn",
    description =
        "Runs a command, everything allowed and recorded, and writes the policy that allows what it"
            + " did, with unit tests beside it.",
    footer = {
      "",
      "Exit status: that of the command; 2 for wrong usage, 125 if sluice itself fails."
    },
    mixinStandardHelpOptions = true)
public final class LearnCommand implements Callable<Integer> {
  private static final String SUFFIX = ".yaml";
  private static final long LOOK_NANOS = 250_000_000;

  /// The wait status of who exits with that (wait(2)).
  private static final int NOT_WRITTEN = ExitStatus.FAILED << 8;

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "FILE",
      description = "the policy to write, NAME.yaml; its tests become NAME.test.yaml")
  private Path output = Path.of("");

  @Option(
      names = "--from",
      paramLabel = "LOG",
      description = "also allow what an earlier run did, by its audit log")
  private List<Path> logs = List.of();

  @Option(
      names = "--update",
      paramLabel = "POLICY",
      description =
          "write this policy with more rules, which allow what the command did and the policy"
              + " denies, each before the rule that denied; say which rules granted what never"
              + " happened. FILE may be the same file")
  private Optional<Path> updated = Optional.empty();

  @Option(
      names = "--stop-when-stable",
      paramLabel = "TIME",
      description =
          "end the command (SIGTERM) when there was nothing new to learn for so long: 30s, 5m")
  private Optional<String> stable = Optional.empty();

  @Parameters(arity = "1..*", paramLabel = "COMMAND", description = "the command and its arguments")
  private List<String> command = List.of();

  @Mixin private PolicyOptions policies = new PolicyOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    var front = Front.ofEnvironment();
    if (!output.toString().endsWith(SUFFIX)) {
      throw new UsageException("--output: \"" + output + "\" does not end in " + SUFFIX);
    }
    try {
      Lesson.tryToReplace(output);
    } catch (IOException e) {
      throw new UsageException(
          "--output: \"" + output + "\" cannot be written: " + FileErrors.reason(e));
    }
    Optional<Duration> patience = stable.map(LearnCommand::time);
    Lesson lesson;
    SluiceBuilder builder;
    if (updated.isPresent()) {
      var update = new PolicyUpdate(policies.compile(updated.get()), workingDirectory(), home());
      String text = PolicyCompiler.read(updated.get(), Optional.empty());
      checkPlaces(update, text);
      lesson = new NextLesson(update, text, policies.compiler(), output);
      builder = observing(update.deniable(), update.looked());
    } else {
      var learner = new PolicyLearner(workingDirectory(), home());
      lesson = new FirstLesson(learner, policies.compiler(), output, String.join(" ", command));
      builder = observing(Set.of(), Set.of());
    }
    for (Path log : logs) {
      learnFrom(log, lesson);
    }
    builder.onRecord(record -> add(lesson, record));
    try (var sluice = builder.open()) {
      patience.ifPresent(time -> endWhenStable(lesson, time, front));
      return CommandRun.of(
          front,
          sluice,
          argvOffset(),
          status -> Lesson.writeAndTell(lesson, output) ? status : NOT_WRITTEN);
    }
  }

  private static SluiceBuilder observing(Set<String> more, Set<String> looked) {
    return Sluice.policyText("learning", PolicyLearner.observing(more, looked));
  }

  private static void checkPlaces(PolicyUpdate update, String text) {
    try {
      update.check(text);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--update: " + e.getMessage());
    }
  }

  private static String workingDirectory() throws IOException {
    return Path.of("").toRealPath().toString();
  }

  /// What `~` stands for, as conditions have it; without one, nothing lies there.
  private static String home() throws IOException {
    String home = System.getenv().getOrDefault("HOME", "");
    if (!home.startsWith("/")) {
      return "/";
    }
    Path path = Path.of(home);
    return (Files.isDirectory(path) ? path.toRealPath() : path.normalize()).toString();
  }

  private static Duration time(String text) {
    return TimeSpan.parse(text)
        .orElseThrow(() ->
            new UsageException("--stop-when-stable takes a time such as 30s, not '" + text + "'"));
  }

  private static void add(Lesson lesson, AuditRecord record) {
    synchronized (lesson) {
      lesson.add(record);
    }
  }

  private static void learnFrom(Path log, Lesson lesson) throws PolicyException {
    new LogOptions()
        .read(
            List.of(log),
            (_, line) -> {
              if (line instanceof LogLine.Call(_, var record)) {
                add(lesson, record);
              }
            });
  }

  private static void endWhenStable(Lesson lesson, Duration time, Front front) {
    Thread.ofPlatform()
        .name("sluice-learning")
        .daemon(true)
        .start(() -> {
          String last = "";
          long since = System.nanoTime();
          while (Duration.ofNanos(System.nanoTime() - since).compareTo(time) < 0) {
            LockSupport.parkNanos(LOOK_NANOS);
            String now;
            synchronized (lesson) {
              now = lesson.learned();
            }
            if (!now.equals(last)) {
              last = now;
              since = System.nanoTime();
            }
          }
          Output.say(
              "there was nothing new for " + time.toSeconds() + " seconds: the command is ended");
          front.terminate();
        });
  }

  private int argvOffset() {
    return spec.root().commandLine().getParseResult().originalArgs().size() - command.size();
  }
}
