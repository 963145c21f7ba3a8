package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.CallKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Makes a policy ready for use, or says everything that is wrong with it.
public final class PolicyCompiler {
  private final Emulations emulations;
  private final Map<String, String> environment;
  private final List<Diagnostic> diagnostics = new ArrayList<>();

  private PolicyCompiler(Emulations emulations, Map<String, String> environment) {
    this.emulations = emulations;
    this.environment = environment;
  }

  /// Reads and compiles the policy in `file`.
  ///
  /// @param environment what `${NAME}` stands for; `HOME` is what `~` stands for
  /// @throws PolicyException with every error that was found
  public static CompiledPolicy compile(
      Path file, Emulations emulations, Map<String, String> environment) throws PolicyException {
    var compiler = new PolicyCompiler(emulations, environment);
    return compiler.compile(PolicyReader.read(file, environment, compiler.diagnostics));
  }

  /// The same for a policy that is not in a file; `name` stands for it in diagnostics.
  public static CompiledPolicy compile(
      String name, String text, Emulations emulations, Map<String, String> environment)
      throws PolicyException {
    var compiler = new PolicyCompiler(emulations, environment);
    return compiler.compile(PolicyReader.read(name, text, environment, compiler.diagnostics));
  }

  private CompiledPolicy compile(Optional<Policy> read) throws PolicyException {
    if (read.isEmpty()) {
      throw new PolicyException(diagnostics);
    }
    Policy policy = read.get();
    var rules = new CompiledRules(policy, emulations, environment, diagnostics);
    FamilyCheck.check(policy, rules, diagnostics);
    throwErrors();
    boolean notifies = rules.needListener();
    var table = new DecisionTable(plans(policy, rules, notifies));
    throwErrors();
    return assemble(policy, table, notifies);
  }

  private Map<Arch, @Nullable CallPlan[]> plans(
      Policy policy, CompiledRules rules, boolean notifies) {
    var compiler = new PlanCompiler(policy, rules, emulations, notifies, diagnostics);
    var plans = new EnumMap<Arch, @Nullable CallPlan[]>(Arch.class);
    for (Arch arch : policy.architectures()) {
      var ofArch = new @Nullable CallPlan[arch.limit()];
      for (int nr : arch.numbers().values()) {
        ofArch[nr] = compiler.plan(CallKind.of(arch, nr));
      }
      plans.put(arch, ofArch);
    }
    return plans;
  }

  private CompiledPolicy assemble(Policy policy, DecisionTable table, boolean notifies)
      throws PolicyException {
    int unknownCall = KernelActions.of(policy.otherwise(), AuditMode.WHEN_NOTIFIED);
    if (notifies && unknownCall == Seccomp.RET_ALLOW) {
      // a call that is newer than our tables may be a way around them
      unknownCall = Seccomp.RET_ERRNO | Errno.ENOSYS.number();
    }
    try {
      return new CompiledPolicy(policy, table, unknownCall, notifies, diagnostics);
    } catch (IllegalArgumentException tooLarge) {
      diagnostics.add(
          Diagnostic.error(policy.location(), "the filter is too large: " + tooLarge.getMessage()));
      throw new PolicyException(diagnostics);
    }
  }

  private void throwErrors() throws PolicyException {
    if (diagnostics.stream().anyMatch(Diagnostic::isError)) {
      throw new PolicyException(diagnostics);
    }
  }
}
