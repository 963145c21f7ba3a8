package dev.sluice.supervisor.machine;

import dev.sluice.supervisor.target.Cgroup;
import dev.sluice.supervisor.target.CgroupDirectory;
import java.util.Optional;

/// What a container may have of the machine's swap space, and what it has of it, in bytes. Both are
/// of the group with the lowest limit of swap space, which need be none with a limit of memory; of
/// that where there is no limit of swap space.
public record SwapShare(long total, long used) {
  /// Empty if nothing limits memory or swap space to less than the machine has.
  ///
  /// @param machine the machine's swap space
  static Optional<SwapShare> of(Cgroup cgroup, Optional<MemoryShare> memory, long machine) {
    return cgroup.isUnified()
        ? unified(cgroup, memory, machine)
        : memory.map(share -> old(cgroup, share, machine));
  }

  private static Optional<SwapShare> unified(
      Cgroup cgroup, Optional<MemoryShare> memory, long machine) {
    Optional<Cgroup.Limit> limit = lowest(cgroup, "memory.swap.max", machine);
    long total = limit.map(Cgroup.Limit::value).orElse(machine);
    return limit
        .map(Cgroup.Limit::group)
        .or(() -> memory.map(MemoryShare::group))
        .map(group -> number(group, "memory.swap.current"))
        .map(used -> new SwapShare(total, Math.min(used, total)));
  }

  /// Version 1 limits memory and swap space together, and none of both without memory.
  private static SwapShare old(Cgroup cgroup, MemoryShare memory, long machine) {
    long most = machine + memory.total();
    Optional<Cgroup.Limit> limit = lowest(cgroup, "memory.memsw.limit_in_bytes", most);
    CgroupDirectory group = limit.map(Cgroup.Limit::group).orElse(memory.group());
    long allowed = limit.map(Cgroup.Limit::value).orElse(most);
    long total = Math.max(0, allowed - memory.total());
    long used =
        number(group, "memory.memsw.usage_in_bytes") - number(group, "memory.usage_in_bytes");
    return new SwapShare(total, Math.clamp(used, 0, total));
  }

  private static Optional<Cgroup.Limit> lowest(Cgroup cgroup, String file, long most) {
    return cgroup.lowest(file).filter(limit -> limit.value() < most);
  }

  private static long number(CgroupDirectory group, String file) {
    return Cgroup.number(group, file).orElse(0);
  }

  public long free() {
    return total - used;
  }
}
