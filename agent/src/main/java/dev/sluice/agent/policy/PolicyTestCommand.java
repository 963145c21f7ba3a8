package dev.sluice.agent.policy;

import dev.sluice.agent.options.PolicyOptions;
import dev.sluice.agent.terminal.ExitStatus;
import dev.sluice.agent.terminal.UsageException;
import dev.sluice.supervisor.policy.FileErrors;
import dev.sluice.supervisor.policy.PolicyException;
import dev.sluice.supervisor.policy.unit.PolicyTests;
import dev.sluice.supervisor.policy.unit.TestResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `sluice policy test`: the unit tests of policies.
@Command(
    name = "test",
    description = "Runs the unit tests of policies: files called NAME.test.yaml.",
    footer = {
      "",
      "Exit status: 0 if all pass, 1 if any fails, 2 if the tests or a policy are wrong."
    },
    mixinStandardHelpOptions = true)
final class PolicyTestCommand implements Callable<Integer> {
  private enum Format {
    text,
    tap
  }

  @Parameters(
      arity = "1..*",
      paramLabel = "FILE|DIR",
      description = "a file of tests, a policy that has one beside it, or a directory of them")
  private List<Path> places = List.of();

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "text (the failures, and a count) or tap (Test Anything Protocol)")
  private Format format = Format.text;

  @Mixin private PolicyOptions options = new PolicyOptions();

  @Override
  public Integer call() {
    var results = new ArrayList<TestResult>();
    int wrong = 0;
    for (Path file : files()) {
      try {
        results.addAll(PolicyTests.read(file, options.emulations(), System.getenv()).run());
      } catch (PolicyException e) {
        e.diagnostics().forEach(System.err::println);
        wrong++;
      }
    }
    long failed = results.stream().filter(result -> !result.passed()).count();
    switch (format) {
      case text -> printText(results, failed, wrong);
      case tap -> printTap(results, wrong);
    }
    return wrong > 0 ? ExitStatus.USAGE : failed > 0 ? 1 : 0;
  }

  private List<Path> files() {
    var files = new ArrayList<Path>();
    for (Path place : places) {
      if (Files.isDirectory(place)) {
        List<Path> found = testsBelow(place);
        if (found.isEmpty()) {
          throw new UsageException("there are no tests (*" + PolicyTests.SUFFIX + ") in " + place);
        }
        files.addAll(found);
      } else {
        files.add(testsOf(place));
      }
    }
    return files;
  }

  private static List<Path> testsBelow(Path directory) {
    try (var all = Files.walk(directory)) {
      return all.filter(file -> file.toString().endsWith(PolicyTests.SUFFIX)).sorted().toList();
    } catch (IOException e) {
      throw unreadable(directory, e);
    } catch (UncheckedIOException e) {
      throw unreadable(directory, Objects.requireNonNull(e.getCause()));
    }
  }

  private static UsageException unreadable(Path directory, IOException e) {
    String place = e instanceof FileSystemException of ? of.getFile() : directory.toString();
    return new UsageException("\"" + place + "\" cannot be read: " + FileErrors.reason(e));
  }

  /// A policy's tests, if it is not them that were named.
  private static Path testsOf(Path file) {
    String name = String.valueOf(file.getFileName());
    int dot = name.lastIndexOf('.');
    return name.endsWith(PolicyTests.SUFFIX) || dot < 0
        ? file
        : file.resolveSibling(name.substring(0, dot) + PolicyTests.SUFFIX);
  }

  private static void printText(List<TestResult> results, long failed, int wrong) {
    results.stream().filter(result -> !result.passed()).forEach(System.out::println);
    String outcome =
        failed > 0 ? ", " + failed + " failed" : results.isEmpty() ? "" : ", all passed";
    System.out.println(
        count(results.size(), "test") + outcome + (wrong == 0 ? "" : ", " + untested(wrong)));
  }

  private static String untested(int wrong) {
    return count(wrong, "file") + " of tests could not be used";
  }

  private static String count(int number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }

  private static void printTap(List<TestResult> results, int wrong) {
    System.out.println("TAP version 14");
    System.out.println("1.." + results.size());
    for (int i = 0; i < results.size(); i++) {
      TestResult result = results.get(i);
      System.out.println(
          (result.passed() ? "ok " : "not ok ") + (i + 1) + " - " + escape(result.test().name()));
      result
          .failure()
          .ifPresent(text -> System.out.println("# " + result.test().location() + ": " + text));
    }
    if (wrong > 0) {
      System.out.println("Bail out! " + untested(wrong));
    }
  }

  /// `#` would begin a directive.
  private static String escape(String name) {
    return name.replace("\\", "\\\\").replace("#", "\\#");
  }
}
