package dev.sluice.supervisor.machine;

import dev.sluice.supervisor.target.Cgroup;
import dev.sluice.supervisor.target.CgroupDirectory;
import java.util.Map;
import java.util.Optional;

/// What a container may have of the machine's memory, and what it has of it, in bytes.
///
/// @param group the cgroup with the lowest limit
/// @param isUnified whether that is of version 2
public record MemoryShare(long total, long used, CgroupDirectory group, boolean isUnified) {
  /// What version 1 calls the counters of memory.stat in version 2; the others have the same name
  /// behind `total_`.
  private static final Map<String, String> OLD =
      Map.of(
          "file", "total_cache",
          "anon", "total_rss",
          "file_mapped", "total_mapped_file",
          "file_dirty", "total_dirty",
          "file_writeback", "total_writeback");

  /// Empty if nothing limits it to less than the machine has.
  ///
  /// @param machine the machine's memory
  static Optional<MemoryShare> of(Cgroup cgroup, long machine) {
    boolean unified = cgroup.isUnified();
    Optional<Cgroup.Limit> limit = cgroup.lowest(unified ? "memory.max" : "memory.limit_in_bytes");
    if (limit.isEmpty() || limit.get().value() >= machine) {
      return Optional.empty();
    }
    long total = limit.get().value();
    CgroupDirectory group = limit.get().group();
    long used =
        Cgroup.number(group, unified ? "memory.current" : "memory.usage_in_bytes").orElse(0);
    return Optional.of(new MemoryShare(total, Math.min(used, total), group, unified));
  }

  public long free() {
    return total - used;
  }

  /// A counter of memory.stat, as version 2 names it; 0 if there is none.
  public long counter(String name) {
    String key = isUnified ? name : OLD.getOrDefault(name, "total_" + name);
    return Cgroup.value(group, "memory.stat", key).orElse(0);
  }
}
