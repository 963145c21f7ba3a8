package dev.sluice.supervisor.machine;

import dev.sluice.supervisor.target.Cgroup;
import dev.sluice.supervisor.target.CgroupDirectory;
import dev.sluice.supervisor.target.Cgroups;
import dev.sluice.supervisor.target.Task;
import java.util.BitSet;
import java.util.Optional;
import java.util.OptionalLong;

/// What the container of a task has of the machine, by the limits of its cgroups.
///
/// @param memory empty if it may have all of it, and so with `swap`
/// @param tasks how many there are in it; empty if nobody counts them
/// @param machine what there is in all
/// @param uptime since when its first process runs, in hundredths of a second
/// @param cpuTime what its processes have used of the CPUs, in hundredths of a second
public record Share(
    Optional<MemoryShare> memory,
    Optional<SwapShare> swap,
    CpuShare cpu,
    OptionalLong tasks,
    Machine machine,
    long uptime,
    long cpuTime) {
  private static final Cgroups CGROUPS = Cgroups.ofSystem();

  /// Among the fields behind the name.
  private static final int STARTTIME = 19;

  public static Share of(Task task) {
    String memberships = task.cgroups();
    var machine = Machine.now();
    BitSet online = CpuShare.parse(HostFile.read("/sys/devices/system/cpu/online"));
    Optional<Cgroup> limiting = CGROUPS.of("memory", memberships);
    Optional<MemoryShare> memory =
        limiting.flatMap(group -> MemoryShare.of(group, machine.total()));
    return new Share(
        memory,
        limiting.flatMap(group -> SwapShare.of(group, memory, machine.swap())),
        CpuShare.of(CGROUPS.of("cpuset", memberships), CGROUPS.of("cpu", memberships), online),
        tasks(CGROUPS.of("pids", memberships)),
        machine,
        machine.uptimeSince(start(task)),
        cpuTime(memberships));
  }

  /// Of the nearest group that has the controller, as those above count what is below.
  static OptionalLong tasks(Optional<Cgroup> cgroup) {
    return cgroup.stream()
        .flatMap(group -> group.chain().stream())
        .flatMapToLong(group -> Cgroup.number(group, "pids.current").stream())
        .findFirst();
  }

  /// In version 1, nanoseconds; in version 2, microseconds.
  private static long cpuTime(String memberships) {
    Optional<Cgroup> group = CGROUPS.of("cpuacct", memberships);
    if (group.isEmpty() || group.get().chain().isEmpty()) {
      return 0;
    }
    CgroupDirectory own = group.get().chain().getFirst();
    return group.get().isUnified()
        ? Cgroup.value(own, "cpu.stat", "usage_usec").orElse(0) / 10_000
        : Cgroup.number(own, "cpuacct.usage").orElse(0) / 10_000_000;
  }

  /// When the first process of the task's pid namespace was started, in hundredths of a second
  /// since the machine was (proc(5), stat, starttime); 0 if that namespace is ours.
  private static long start(Task task) {
    int first = task.status().nspids().size() == 1 ? -1 : task.translate(1);
    if (first <= 0) {
      return 0;
    }
    return HostFile.find("/proc/" + first + "/stat")
        .map(stat -> stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1))
        .map(behindName -> Long.parseLong(behindName[STARTTIME]))
        .orElse(0L);
  }
}
