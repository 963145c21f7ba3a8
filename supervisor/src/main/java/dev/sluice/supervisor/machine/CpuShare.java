package dev.sluice.supervisor.machine;

import dev.sluice.supervisor.target.Cgroup;
import dev.sluice.supervisor.target.CgroupDirectory;
import java.util.BitSet;
import java.util.Optional;
import java.util.OptionalLong;

/// What a container may have of the machine's CPUs.
///
/// @param cpus those it may run on (cpuset), as the machine numbers them
/// @param count how many it can have at a time: as many as those, or as its quota makes up, rounded
///   up; at least one
public record CpuShare(BitSet cpus, int count) {
  /// @param cpuset the group that limits where it runs, and `cpu` the one that limits how long
  static CpuShare of(Optional<Cgroup> cpuset, Optional<Cgroup> cpu, BitSet online) {
    BitSet cpus = cpuset.flatMap(CpuShare::allowed).orElse(online);
    long most = cpus.cardinality();
    if (cpu.isPresent()) {
      for (CgroupDirectory group : cpu.get().chain()) {
        most = Math.min(most, quota(group, cpu.get().isUnified()).orElse(most));
      }
    }
    return new CpuShare(cpus, (int) Math.max(1, most));
  }

  private static Optional<BitSet> allowed(Cgroup cgroup) {
    String file = cgroup.isUnified() ? "cpuset.cpus.effective" : "cpuset.effective_cpus";
    return cgroup.chain().stream()
        .flatMap(group -> Cgroup.text(group, file).stream())
        .findFirst()
        .map(CpuShare::parse)
        .filter(cpus -> !cpus.isEmpty());
  }

  /// CPU time a second, in CPUs, rounded up.
  private static OptionalLong quota(CgroupDirectory group, boolean unified) {
    OptionalLong quota;
    OptionalLong period;
    if (unified) {
      String[] both = Cgroup.text(group, "cpu.max").orElse("max 100000").split(" ", 2);
      quota =
          both[0].equals("max") ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(both[0]));
      period = both.length == 2 ? OptionalLong.of(Long.parseLong(both[1])) : OptionalLong.empty();
    } else {
      quota = Cgroup.number(group, "cpu.cfs_quota_us");
      period = Cgroup.number(group, "cpu.cfs_period_us");
    }
    return quota.orElse(0) > 0 && period.orElse(0) > 0
        ? OptionalLong.of(Math.ceilDiv(quota.getAsLong(), period.getAsLong()))
        : OptionalLong.empty();
  }

  /// A list such as `0-3,5` (cpuset(7)).
  static BitSet parse(String list) {
    var cpus = new BitSet();
    for (String range : list.strip().split(",", -1)) {
      if (!range.isEmpty()) {
        String[] ends = range.split("-", 2);
        cpus.set(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]) + 1);
      }
    }
    return cpus;
  }

  /// They are numbered from 0: `0-1`.
  String online() {
    return count == 1 ? "0" : "0-" + (count - 1);
  }
}
