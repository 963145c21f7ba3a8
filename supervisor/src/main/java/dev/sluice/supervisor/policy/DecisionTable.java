package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.syscall.Arch;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A policy's plans, by architecture and number: one epoch of what the supervisor decides by.
/// Immutable.
public final class DecisionTable {
  private final Map<Arch, @Nullable CallPlan[]> plans = new EnumMap<>(Arch.class);
  private final Arch host = Arch.host();
  private final @Nullable CallPlan[] hostPlans;

  DecisionTable(Map<Arch, @Nullable CallPlan[]> plans) {
    this.plans.putAll(plans);
    this.hostPlans = plans.getOrDefault(host, new CallPlan[0]);
  }

  /// The plan for a call as the kernel reports it, or null if the policy has none: such a call must
  /// fail.
  public @Nullable CallPlan plan(int audit, int nr) {
    if (audit == host.audit()) {
      return nr >= 0 && nr < hostPlans.length ? hostPlans[nr] : null;
    }
    return Arch.ofAudit(audit).map(arch -> planOf(arch, nr)).orElse(null);
  }

  public @Nullable CallPlan planOf(Arch arch, int nr) {
    @Nullable CallPlan[] ofArch = plans.get(arch);
    return ofArch != null && nr >= 0 && nr < ofArch.length ? ofArch[nr] : null;
  }
}
