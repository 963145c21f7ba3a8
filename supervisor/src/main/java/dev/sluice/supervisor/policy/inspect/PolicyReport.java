package dev.sluice.supervisor.policy.inspect;

import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.Diagnostic;
import dev.sluice.supervisor.policy.PolicyException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// What there is to know of a policy before it is used.
///
/// @param file as it was named
/// @param diagnostics by their place; with an error, nothing else is known
/// @param rules in their order
/// @param needsSupervisor whether the filter ever asks one
/// @param instructions of the filter
public record PolicyReport(
    String file,
    List<Diagnostic> diagnostics,
    List<RuleReport> rules,
    boolean needsSupervisor,
    int instructions) {

  private static final Comparator<Diagnostic> BY_PLACE =
      Comparator.<Diagnostic>comparingInt(diagnostic -> diagnostic.location().line())
          .thenComparingInt(diagnostic -> diagnostic.location().column());

  public PolicyReport {
    diagnostics = diagnostics.stream().sorted(BY_PLACE).toList();
    rules = List.copyOf(rules);
  }

  public static PolicyReport of(String file, CompiledPolicy policy) {
    var diagnostics = new ArrayList<>(policy.warnings());
    diagnostics.addAll(Reachability.warnings(policy));
    diagnostics.addAll(Families.warnings(policy));
    diagnostics.addAll(Loopholes.warnings(policy));
    diagnostics.addAll(Omissions.warnings(policy));
    return new PolicyReport(
        file, diagnostics, RuleClasses.of(policy), policy.notifies(), policy.filter().size());
  }

  /// The report of a policy that is wrong.
  public static PolicyReport of(String file, PolicyException wrong) {
    return new PolicyReport(file, wrong.diagnostics(), List.of(), false, 0);
  }

  public boolean hasErrors() {
    return diagnostics.stream().anyMatch(Diagnostic::isError);
  }
}
