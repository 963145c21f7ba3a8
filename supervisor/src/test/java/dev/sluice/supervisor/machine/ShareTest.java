package dev.sluice.supervisor.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.target.Cgroup;
import dev.sluice.supervisor.target.Cgroups;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShareTest {
  private static final long GIB = 1L << 30;

  @TempDir Path root;

  private void file(String name, String content) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content + "\n");
  }

  private Cgroup unified(String path) {
    return Cgroups.parse("30 24 0:26 / " + root + " rw - cgroup2 cgroup2 rw\n")
        .unified("0::" + path + "\n")
        .orElseThrow();
  }

  private Cgroup old(String controller, String path) {
    return Cgroups.parse("30 24 0:26 / " + root + " rw - cgroup x rw," + controller + "\n")
        .of(controller, "4:" + controller + ":" + path + "\n")
        .orElseThrow();
  }

  @Test
  void theLowestLimitOnTheWayUpCounts() throws IOException {
    file("a/memory.max", "" + GIB);
    file("a/memory.current", "" + GIB / 4);
    file("a/memory.swap.max", "0");
    file("a/memory.swap.current", "0");
    file("a/memory.stat", "anon 1\nfile 4096\nactive_file 2");
    file("a/b/memory.max", "max");
    file("a/b/c/memory.max", "" + 2 * GIB);

    MemoryShare memory = MemoryShare.of(unified("/a/b/c"), 8 * GIB).orElseThrow();
    SwapShare swap = SwapShare.of(unified("/a/b/c"), Optional.of(memory), GIB).orElseThrow();

    assertThat(memory.total()).isEqualTo(GIB);
    assertThat(memory.free()).isEqualTo(3 * GIB / 4);
    assertThat(swap.total()).isZero();
    assertThat(memory.counter("file")).isEqualTo(4096);
    assertThat(Meminfo.of(memory, swap))
        .startsWith("MemTotal:        1048576 kB\nMemFree:          786432 kB\n")
        .contains("\nCached:                4 kB\n");
  }

  @Test
  void versionOneLimitsMemoryAndSwapTogether() throws IOException {
    file("a/memory.limit_in_bytes", "" + GIB);
    file("a/memory.usage_in_bytes", "" + GIB / 2);
    file("a/memory.memsw.limit_in_bytes", "" + 3 * GIB);
    file("a/memory.memsw.usage_in_bytes", "" + GIB);
    file("a/memory.stat", "cache 1\ntotal_cache 8192\ntotal_shmem 5");

    Optional<MemoryShare> share = MemoryShare.of(old("memory", "/a"), 8 * GIB);
    MemoryShare memory = share.orElseThrow();

    assertThat(SwapShare.of(old("memory", "/a"), share, GIB))
        .as("no more than there is")
        .hasValue(new SwapShare(GIB, GIB / 2));
    assertThat(memory.counter("file")).isEqualTo(8192);
    assertThat(memory.counter("shmem")).isEqualTo(5);
  }

  /// While memory is being given back, more can be in use than there is.
  @Test
  void nothingIsLessThanNothing() throws IOException {
    file("a/memory.max", "4096");
    file("a/memory.current", "8192");
    file("a/memory.swap.max", "4096");
    file("a/memory.swap.current", "8192");

    Optional<MemoryShare> memory = MemoryShare.of(unified("/a"), GIB);

    assertThat(memory.orElseThrow().free()).isZero();
    assertThat(SwapShare.of(unified("/a"), memory, GIB)).hasValue(new SwapShare(4096, 4096));
  }

  /// Where memory has none, and where that of another group is the lowest.
  @Test
  void swapSpaceHasLimitsOfItsOwn() throws IOException {
    file("a/memory.max", "max");
    file("a/memory.swap.max", "8192");
    file("a/memory.swap.current", "4096");
    file("a/b/memory.max", "" + GIB);
    file("a/b/memory.swap.max", "max");
    file("a/b/memory.swap.current", "1024");
    var free = new SwapShare(8192, 4096);

    assertThat(MemoryShare.of(unified("/a"), 8 * GIB)).isEmpty();
    assertThat(SwapShare.of(unified("/a"), Optional.empty(), GIB)).hasValue(free);
    assertThat(SwapShare.of(unified("/a/b"), MemoryShare.of(unified("/a/b"), 8 * GIB), GIB))
        .hasValue(free);
    assertThat(SwapShare.of(unified("/a"), Optional.empty(), 4096)).as("of less").isEmpty();
    assertThat(Meminfo.withSwap("MemFree: 1 kB\nSwapTotal: 9 kB\nSwapFree: 9 kB\nDirty: 1\n", free))
        .isEqualTo(
            """
            MemFree: 1 kB
            SwapTotal:             8 kB
            SwapFree:              4 kB
            Dirty: 1
            """);
  }

  @Test
  void swapSpaceWithoutALimitIsTheMachines() throws IOException {
    file("a/memory.max", "" + GIB);
    file("a/memory.swap.current", "1024");
    file("b/memory.limit_in_bytes", "" + GIB);
    file("b/memory.usage_in_bytes", "1024");
    file("b/memory.memsw.limit_in_bytes", "9223372036854771712");
    file("b/memory.memsw.usage_in_bytes", "3072");

    assertThat(SwapShare.of(unified("/a"), MemoryShare.of(unified("/a"), 8 * GIB), GIB))
        .hasValue(new SwapShare(GIB, 1024));
    Cgroup old = old("memory", "/b");
    assertThat(SwapShare.of(old, MemoryShare.of(old, 8 * GIB), GIB))
        .hasValue(new SwapShare(GIB, 2048));
  }

  @Test
  void whatIsNoLimitIsNone() throws IOException {
    file("a/memory.max", "max");
    file("b/memory.limit_in_bytes", "9223372036854771712");

    assertThat(MemoryShare.of(unified("/a"), GIB)).isEmpty();
    assertThat(MemoryShare.of(old("memory", "/b"), GIB)).isEmpty();
    assertThat(MemoryShare.of(unified("/gone"), GIB)).isEmpty();
  }

  @Test
  void whoeverCountsTasksCountsThoseBelow() throws IOException {
    file("a/pids.current", "7");
    file("a/b/memory.max", "max");

    assertThat(Share.tasks(Optional.of(unified("/a/b")))).hasValue(7);
    assertThat(Share.tasks(Optional.of(unified("/c")))).isEmpty();
    assertThat(Share.tasks(Optional.empty())).isEmpty();
  }

  @Test
  void aQuotaCountsAsCpus() throws IOException {
    BitSet four = CpuShare.parse("0-3");
    file("a/cpu.max", "250000 100000");
    file("a/b/cpu.max", "max 100000");
    file("a/b/cpuset.cpus.effective", "1-3");
    file("c/cpu.cfs_quota_us", "-1");
    file("c/cpu.cfs_period_us", "100000");
    file("d/cpu.cfs_quota_us", "1000");
    file("d/cpu.cfs_period_us", "100000");

    assertThat(of("/a", four)).isEqualTo(3);
    assertThat(of("/a/b", four)).isEqualTo(3);
    assertThat(CpuShare.of(Optional.empty(), Optional.of(old("cpu", "/c")), four).count())
        .isEqualTo(4);
    assertThat(CpuShare.of(Optional.empty(), Optional.of(old("cpu", "/d")), four).online())
        .isEqualTo("0");
    assertThat(CpuShare.parse("0-1,5\n")).isEqualTo(bits(0, 1, 5));
  }

  private int of(String group, BitSet online) {
    return CpuShare.of(Optional.of(unified(group)), Optional.of(unified(group)), online).count();
  }

  private static BitSet bits(int... numbers) {
    var bits = new BitSet();
    for (int number : numbers) {
      bits.set(number);
    }
    return bits;
  }

  @Test
  void cpusAreThoseItMayRunOnNumberedFromZero() {
    String host =
        """
        processor\t: 0
        flags\t: a

        processor\t: 1
        flags\t: b

        processor\t: 2
        flags\t: c

        """;

    assertThat(Processors.cpuinfo(host, new CpuShare(bits(1, 2), 2)))
        .isEqualTo("processor\t: 0\nflags\t: b\n\nprocessor\t: 1\nflags\t: c\n\n");
    assertThat(Processors.cpuinfo(host, new CpuShare(bits(1, 2), 1)))
        .isEqualTo("processor\t: 0\nflags\t: b\n\n");
  }
}
