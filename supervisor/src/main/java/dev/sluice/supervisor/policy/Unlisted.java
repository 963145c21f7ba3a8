package dev.sluice.supervisor.policy;

/// What a filter answers to calls that the decision table has no plan for: `SECCOMP_RET_` values.
///
/// @param number to numbers of the policy's architectures that no table of ours has
/// @param architecture to calls of any other architecture
/// @param x32 to calls of x32, which arrive as those of x86_64
/// @param none to the number -1, which a tracer leaves when it skips a call
public record Unlisted(int number, int architecture, int x32, int none) {}
