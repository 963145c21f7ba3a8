package dev.sluice.supervisor.machine;

import java.util.Locale;

/// /proc/meminfo of a container: what its cgroup counts. What nobody counts for a cgroup, or what
/// is not the container's to have, is left out.
final class Meminfo {
  private final StringBuilder lines = new StringBuilder();

  private Meminfo() {}

  static String of(MemoryShare memory) {
    var meminfo = new Meminfo();
    long file = memory.counter("file");
    // what can be had again without swapping: as the kernel estimates it, without its reserves
    long available =
        memory.free() + memory.counter("active_file") + memory.counter("inactive_file");
    meminfo.line("MemTotal", memory.total());
    meminfo.line("MemFree", memory.free());
    meminfo.line("MemAvailable", Math.min(available, memory.total()));
    meminfo.line("Buffers", 0);
    meminfo.line("Cached", file);
    meminfo.line("SwapCached", 0);
    long activeAnon = memory.counter("active_anon");
    long inactiveAnon = memory.counter("inactive_anon");
    long activeFile = memory.counter("active_file");
    long inactiveFile = memory.counter("inactive_file");
    meminfo.line("Active", activeAnon + activeFile);
    meminfo.line("Inactive", inactiveAnon + inactiveFile);
    meminfo.line("Active(anon)", activeAnon);
    meminfo.line("Inactive(anon)", inactiveAnon);
    meminfo.line("Active(file)", activeFile);
    meminfo.line("Inactive(file)", inactiveFile);
    meminfo.line("Unevictable", memory.counter("unevictable"));
    meminfo.line("Mlocked", 0);
    meminfo.line("SwapTotal", memory.swap());
    meminfo.line("SwapFree", memory.swap() - memory.swapUsed());
    meminfo.line("Dirty", memory.counter("file_dirty"));
    meminfo.line("Writeback", memory.counter("file_writeback"));
    meminfo.line("AnonPages", memory.counter("anon"));
    meminfo.line("Mapped", memory.counter("file_mapped"));
    meminfo.line("Shmem", memory.counter("shmem"));
    long reclaimable = memory.counter("slab_reclaimable");
    long unreclaimable = memory.counter("slab_unreclaimable");
    meminfo.line("KReclaimable", reclaimable);
    meminfo.line("Slab", reclaimable + unreclaimable);
    meminfo.line("SReclaimable", reclaimable);
    meminfo.line("SUnreclaim", unreclaimable);
    meminfo.line("KernelStack", memory.counter("kernel_stack"));
    meminfo.line("PageTables", memory.counter("pagetables"));
    return meminfo.lines.toString();
  }

  private void line(String name, long bytes) {
    lines.append(String.format(Locale.ROOT, "%-16s%8d kB%n", name + ":", bytes / 1024));
  }
}
