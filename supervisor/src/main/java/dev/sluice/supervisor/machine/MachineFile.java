package dev.sluice.supervisor.machine;

import dev.sluice.supervisor.target.Task;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/// Files of proc(5) and sysfs(5) that describe the machine, and are served to describe what a
/// container has of it: `serve: { machine: meminfo }`.
public enum MachineFile {
  MEMINFO,
  CPUINFO,
  STAT,
  UPTIME,
  LOADAVG,
  SWAPS,
  /// /sys/devices/system/cpu/online.
  ONLINE;

  /// The one of that name, as a policy has it.
  public static Optional<MachineFile> named(String name) {
    return Arrays.stream(values()).filter(file -> file.toString().equals(name)).findFirst();
  }

  /// All names.
  public static List<String> names() {
    return Arrays.stream(values()).map(MachineFile::toString).toList();
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// Its content for the container of a task. Throws [dev.sluice.supervisor.target.Abort].
  public byte[] contentFor(Task task) {
    var share = Share.of(task);
    String content =
        switch (this) {
          case MEMINFO -> Meminfo.of(share, HostFile.read("/proc/meminfo"));
          case CPUINFO -> Processors.cpuinfo(HostFile.read("/proc/cpuinfo"), share.cpu());
          case STAT -> Processors.stat(HostFile.read("/proc/stat"), share);
          case UPTIME -> uptime(share);
          case LOADAVG -> loadavg(HostFile.read("/proc/loadavg"), share, task);
          case SWAPS ->
              share.swap().map(MachineFile::swaps).orElseGet(() -> HostFile.read("/proc/swaps"));
          case ONLINE -> share.cpu().online() + "\n";
        };
    return content.getBytes(StandardCharsets.ISO_8859_1);
  }

  /// Seconds since the container began, and how much of that its CPUs had nothing to do.
  private static String uptime(Share share) {
    long idle = Math.max(0, share.uptime() * share.cpu().count() - share.cpuTime());
    return seconds(share.uptime()) + " " + seconds(idle) + "\n";
  }

  private static String seconds(long hundredths) {
    return String.format(Locale.ROOT, "%d.%02d", hundredths / 100, hundredths % 100);
  }

  /// The loads are the machine's: nobody keeps those of a container.
  private static String loadavg(String host, Share share, Task task) {
    String loads = Arrays.stream(host.split(" ", -1)).limit(3).collect(Collectors.joining(" "));
    long tasks = Math.max(1, share.tasks().orElse(share.machine().tasks()));
    return loads + " 1/" + tasks + " " + task.status().nspids().getLast() + "\n";
  }

  private static String swaps(SwapShare swap) {
    String head = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";
    return swap.total() == 0
        ? head
        : String.format(
            Locale.ROOT,
            "%s%-40svirtual\t\t%d\t\t%d\t\t0%n",
            head,
            "none",
            swap.total() / 1024,
            swap.used() / 1024);
  }
}
