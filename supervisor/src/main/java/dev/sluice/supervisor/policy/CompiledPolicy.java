package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.bpf.Program;
import java.util.List;

/// A policy ready for use: the tier of the kernel, and that of the supervisor.
///
/// @param notifies whether the filter ever asks the supervisor
/// @param warnings what its author should know
public record CompiledPolicy(
    Policy policy,
    Program filter,
    DecisionTable table,
    boolean notifies,
    List<Diagnostic> warnings) {}
