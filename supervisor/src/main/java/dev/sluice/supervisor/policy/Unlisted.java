package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.syscall.Arch;

/// What a filter answers to calls that the decision table has no plan for: `SECCOMP_RET_` values.
///
/// @param number to numbers of the policy's architectures that no table of ours has
/// @param architecture to calls of any other architecture
/// @param x32 to calls of x32, which arrive as those of x86_64
/// @param none to the number -1, which a tracer leaves when it skips a call
public record Unlisted(int number, int architecture, int x32, int none) {
  /// The one for a number of an architecture that the policy has.
  int of(Arch arch, int nr) {
    if (arch != Arch.X86_64 || (nr >= 0 && nr < Arch.X32_BIT)) {
      return number;
    }
    return nr == -1 ? none : x32;
  }
}
