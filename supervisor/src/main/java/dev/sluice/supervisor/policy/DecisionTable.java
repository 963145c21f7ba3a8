package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.policy.condition.Condition;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.syscall.X32;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A policy's plans, by architecture and number: one epoch of what the supervisor decides by.
/// Immutable.
public final class DecisionTable {
  private final Map<Arch, @Nullable CallPlan[]> plans = new EnumMap<>(Arch.class);
  private final Arch host = Arch.host();
  private final @Nullable CallPlan[] hostPlans;

  /// By their numbers without [Arch#X32_BIT].
  private final @Nullable CallPlan[] x32Plans = new CallPlan[X32.limit() - Arch.X32_BIT];

  DecisionTable(Map<Arch, @Nullable CallPlan[]> plans) {
    this.plans.putAll(plans);
    this.hostPlans = plans.getOrDefault(host, new CallPlan[0]);
  }

  /// @param all each for the call it speaks of itself
  DecisionTable(List<CallPlan> all) {
    for (CallPlan plan : all) {
      Arch arch = plan.kind().arch();
      int nr = plan.kind().nr();
      if (isX32(arch, nr)) {
        x32Plans[nr - Arch.X32_BIT] = plan;
      } else {
        plans.computeIfAbsent(arch, _ -> new CallPlan[arch.limit()])[nr] = plan;
      }
    }
    this.hostPlans = plans.getOrDefault(host, new CallPlan[0]);
  }

  private static boolean isX32(Arch arch, int nr) {
    return arch == Arch.X86_64 && nr >= Arch.X32_BIT;
  }

  /// The plan for a call as the kernel reports it, or null if the policy has none: such a call must
  /// fail.
  public @Nullable CallPlan plan(int audit, int nr) {
    if (audit == host.audit() && !isX32(host, nr)) {
      return nr >= 0 && nr < hostPlans.length ? hostPlans[nr] : null;
    }
    return Arch.ofAudit(audit).map(arch -> planOf(arch, nr)).orElse(null);
  }

  /// Whether where a path leads decides any call.
  boolean decidesByPaths() {
    return conditions().anyMatch(Condition::readsPaths) || isAskedAbout(Action.Ask::showsPath);
  }

  /// Whether the path of the program decides any call.
  boolean decidesByPrograms() {
    return conditions().anyMatch(Condition::readsPrograms);
  }

  /// Whether addresses of sockets decide any call.
  boolean decidesByAddresses() {
    return conditions().anyMatch(Condition::readsAddresses)
        || isAskedAbout(Action.Ask::showsAddress);
  }

  private Stream<Condition> conditions() {
    return all().flatMap(plan -> plan.steps().stream()).map(CallPlan.Step::condition);
  }

  private boolean isAskedAbout(Predicate<String> call) {
    return all().filter(CallPlan::asks).anyMatch(plan -> call.test(plan.kind().name()));
  }

  /// But for those of x32.
  private Stream<CallPlan> all() {
    return plans.values().stream().flatMap(Arrays::stream).filter(Objects::nonNull);
  }

  /// Whether calls are watched while the kernel executes them.
  boolean watches() {
    return watched().findAny().isPresent();
  }

  private Stream<CallPlan> watched() {
    return all().filter(CallPlan::isWatched);
  }

  /// The first decision of those calls that rests on memory; empty if all accept the race.
  Optional<Decision> watching() {
    return watched()
        .filter(plan -> !plan.acceptsRaces())
        .flatMap(plan -> plan.steps().stream())
        .filter(CallPlan.Step::isWatched)
        .findFirst()
        .map(CallPlan.Step::decision);
  }

  /// Whether there are plans for calls of x32.
  boolean hasX32() {
    return Arrays.stream(x32Plans).anyMatch(Objects::nonNull);
  }

  public @Nullable CallPlan planOf(Arch arch, int nr) {
    if (isX32(arch, nr)) {
      return nr - Arch.X32_BIT < x32Plans.length ? x32Plans[nr - Arch.X32_BIT] : null;
    }
    @Nullable CallPlan[] ofArch = plans.get(arch);
    return ofArch != null && nr >= 0 && nr < ofArch.length ? ofArch[nr] : null;
  }
}
