package dev.sluice.agent.policy;

import dev.sluice.agent.options.PolicyOptions;
import dev.sluice.agent.terminal.ExitStatus;
import dev.sluice.supervisor.policy.Diagnostic;
import dev.sluice.supervisor.policy.PolicyException;
import dev.sluice.supervisor.policy.inspect.PolicyReport;
import dev.sluice.supervisor.policy.inspect.ReportJson;
import dev.sluice.supervisor.policy.inspect.RuleReport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `sluice policy check`: what is wrong with policies, and what there is to know of those that are
/// right.
@Command(
    name = "check",
    description = "Says what is wrong with policies, and how far each rule can be relied on.",
    footer = {
      "",
      "Exit status: 0 if all can be used, 2 if one cannot. With --strict, 1 if there are warnings."
    },
    mixinStandardHelpOptions = true)
final class PolicyCheckCommand implements Callable<Integer> {
  private enum Format {
    text,
    json
  }

  @Parameters(arity = "1..*", paramLabel = "FILE", description = "a policy")
  private List<Path> files = List.of();

  @Option(names = "--format", paramLabel = "FORMAT", description = "text or json")
  private Format format = Format.text;

  @Option(names = "--strict", description = "exit with status 1 if there are warnings")
  private boolean strict;

  @Mixin private PolicyOptions options = new PolicyOptions();

  @Override
  public Integer call() {
    var reports = new ArrayList<PolicyReport>();
    for (Path file : files) {
      reports.add(report(file));
    }
    switch (format) {
      case text -> reports.forEach(PolicyCheckCommand::print);
      case json -> System.out.println(ReportJson.of(reports));
    }
    if (reports.stream().anyMatch(PolicyReport::hasErrors)) {
      return ExitStatus.USAGE;
    }
    return strict && reports.stream().anyMatch(report -> !report.diagnostics().isEmpty()) ? 1 : 0;
  }

  private PolicyReport report(Path file) {
    try {
      return PolicyReport.of(file.toString(), options.compile(file));
    } catch (PolicyException e) {
      return PolicyReport.of(file.toString(), e);
    }
  }

  private static void print(PolicyReport report) {
    boolean wrong = report.hasErrors();
    for (Diagnostic diagnostic : report.diagnostics()) {
      (wrong ? System.err : System.out).println(diagnostic);
    }
    if (wrong) {
      return;
    }
    System.out.println(
        report.file()
            + ": "
            + count(report.rules().size(), "rule")
            + ", a filter of "
            + count(report.instructions(), "instruction")
            + (report.needsSupervisor() ? "" : ", no supervisor needed"));
    report.rules().forEach(rule -> System.out.println("  " + rule.name() + ": " + classes(rule)));
  }

  /// `KERNEL`, or with the calls of each if there are several.
  private static String classes(RuleReport rule) {
    return switch (rule.classes().size()) {
      case 0 -> "never decides";
      case 1 -> rule.classes().keySet().iterator().next().name();
      default ->
          rule.classes().entrySet().stream()
              .map(entry -> entry.getKey() + " for " + String.join(", ", entry.getValue()))
              .collect(Collectors.joining("; "));
    };
  }

  private static String count(int number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }
}
