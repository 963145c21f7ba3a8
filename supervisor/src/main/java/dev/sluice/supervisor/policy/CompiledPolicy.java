package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.bpf.Program;
import java.util.List;

/// A policy ready for use: the tier of the kernel, and that of the supervisor.
public final class CompiledPolicy {
  private final Policy policy;
  private final DecisionTable table;
  private final int unknownCall;
  private final boolean notifies;
  private final List<Diagnostic> warnings;
  private final Program filter;

  /// Throws [IllegalArgumentException] if the filter is too large.
  CompiledPolicy(
      Policy policy,
      DecisionTable table,
      int unknownCall,
      boolean notifies,
      List<Diagnostic> warnings) {
    this.policy = policy;
    this.table = table;
    this.unknownCall = unknownCall;
    this.notifies = notifies;
    this.warnings = List.copyOf(warnings);
    this.filter = filter(List.of());
  }

  public Policy policy() {
    return policy;
  }

  public DecisionTable table() {
    return table;
  }

  public Program filter() {
    return filter;
  }

  /// The filter, but for some calls that pass whatever the rules say.
  public Program filter(List<ExactCall> exempt) {
    return FilterCompiler.compile(table, policy.architectures(), unknownCall, exempt);
  }

  /// Whether the filter ever asks the supervisor.
  public boolean notifies() {
    return notifies;
  }

  /// What the policy's author should know.
  public List<Diagnostic> warnings() {
    return warnings;
  }
}
