package dev.sluice.supervisor.policy.oci;

import dev.sluice.supervisor.policy.CallPlan;
import dev.sluice.supervisor.policy.Policy;
import dev.sluice.supervisor.policy.Unlisted;
import java.util.List;

/// What a profile says, in the terms of a policy.
///
/// @param plans of every call of its architectures, those of x32 included
/// @param unlisted what becomes of all other calls
public record CompiledProfile(Policy policy, List<CallPlan> plans, Unlisted unlisted) {
  public CompiledProfile {
    plans = List.copyOf(plans);
  }
}
