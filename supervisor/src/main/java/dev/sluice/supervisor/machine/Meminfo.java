package dev.sluice.supervisor.machine;

import java.util.Locale;

/// /proc/meminfo of a container: what its cgroups count. What nobody counts for a cgroup, or what
/// is not the container's to have, is left out; where nothing limits its memory, that is the
/// machine's.
final class Meminfo {
  private final StringBuilder lines = new StringBuilder();

  private Meminfo() {}

  /// @param host the machine's
  static String of(Share share, String host) {
    return share
        .memory()
        .map(memory -> of(memory, share.swap().orElseGet(() -> new SwapShare(0, 0))))
        .orElseGet(() -> share.swap().map(swap -> withSwap(host, swap)).orElse(host));
  }

  static String withSwap(String host, SwapShare swap) {
    return host.replaceFirst("(?m)^SwapTotal:.*\\R", line("SwapTotal", swap.total()))
        .replaceFirst("(?m)^SwapFree:.*\\R", line("SwapFree", swap.free()));
  }

  static String of(MemoryShare memory, SwapShare swap) {
    var meminfo = new Meminfo();
    long file = memory.counter("file");
    // what can be had again without swapping: as the kernel estimates it, without its reserves
    long available =
        memory.free() + memory.counter("active_file") + memory.counter("inactive_file");
    meminfo.add("MemTotal", memory.total());
    meminfo.add("MemFree", memory.free());
    meminfo.add("MemAvailable", Math.min(available, memory.total()));
    meminfo.add("Buffers", 0);
    meminfo.add("Cached", file);
    meminfo.add("SwapCached", 0);
    long activeAnon = memory.counter("active_anon");
    long inactiveAnon = memory.counter("inactive_anon");
    long activeFile = memory.counter("active_file");
    long inactiveFile = memory.counter("inactive_file");
    meminfo.add("Active", activeAnon + activeFile);
    meminfo.add("Inactive", inactiveAnon + inactiveFile);
    meminfo.add("Active(anon)", activeAnon);
    meminfo.add("Inactive(anon)", inactiveAnon);
    meminfo.add("Active(file)", activeFile);
    meminfo.add("Inactive(file)", inactiveFile);
    meminfo.add("Unevictable", memory.counter("unevictable"));
    meminfo.add("Mlocked", 0);
    meminfo.add("SwapTotal", swap.total());
    meminfo.add("SwapFree", swap.free());
    meminfo.add("Dirty", memory.counter("file_dirty"));
    meminfo.add("Writeback", memory.counter("file_writeback"));
    meminfo.add("AnonPages", memory.counter("anon"));
    meminfo.add("Mapped", memory.counter("file_mapped"));
    meminfo.add("Shmem", memory.counter("shmem"));
    long reclaimable = memory.counter("slab_reclaimable");
    long unreclaimable = memory.counter("slab_unreclaimable");
    meminfo.add("KReclaimable", reclaimable);
    meminfo.add("Slab", reclaimable + unreclaimable);
    meminfo.add("SReclaimable", reclaimable);
    meminfo.add("SUnreclaim", unreclaimable);
    meminfo.add("KernelStack", memory.counter("kernel_stack"));
    meminfo.add("PageTables", memory.counter("pagetables"));
    return meminfo.lines.toString();
  }

  private void add(String name, long bytes) {
    lines.append(line(name, bytes));
  }

  private static String line(String name, long bytes) {
    return String.format(Locale.ROOT, "%-16s%8d kB%n", name + ":", bytes / 1024);
  }
}
