package dev.sluice.tests.harness;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// Groups that limit memory and CPU time, in version 1 or 2, whichever has the controllers. Without
/// either, or if they are not ours to write to, the test is skipped.
public final class LimitedCgroup implements AutoCloseable {
  private static final Path ROOT = Path.of("/sys/fs/cgroup");

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final List<Path> groups;

  private LimitedCgroup(List<Path> groups) {
    this.groups = groups;
  }

  /// @param memory in bytes
  /// @param cpus how much CPU time a second, in seconds
  public static LimitedCgroup make(long memory, double cpus) throws IOException {
    String quota = "" + Math.round(cpus * 100_000);
    String name = "sluice-test-" + ProcessHandle.current().pid() + "-" + System.nanoTime();
    if (Files.isWritable(ROOT.resolve("memory/memory.limit_in_bytes").getParent())
        && Files.exists(ROOT.resolve("memory/cgroup.procs"))) {
      var groups = new ArrayList<Path>();
      for (String controller : List.of("memory", "cpu", "pids")) {
        groups.add(Files.createDirectory(ROOT.resolve(controller).resolve(name)));
      }
      Files.writeString(groups.get(0).resolve("memory.limit_in_bytes"), "" + memory);
      Files.writeString(groups.get(1).resolve("cpu.cfs_quota_us"), quota);
      return new LimitedCgroup(groups);
    }
    Path control = ROOT.resolve("cgroup.subtree_control");
    assumeTrue(
        Files.isWritable(control) && Files.readString(control).contains("memory"),
        "there is no cgroup whose memory we could limit");
    Path group = Files.createDirectory(ROOT.resolve(name));
    Files.writeString(group.resolve("memory.max"), "" + memory);
    Files.writeString(group.resolve("cpu.max"), quota + " 100000");
    return new LimitedCgroup(List.of(group));
  }

  /// A line for sh(1), which enters it.
  public String enter() {
    return groups.stream()
        .map(group -> "echo $$ > " + group.resolve("cgroup.procs") + " && ")
        .collect(Collectors.joining());
  }

  /// What a task that is in it finds in `/proc/self/cgroup`, if the hierarchy is not mounted from a
  /// group further down.
  public String path() {
    return "/" + groups.getFirst().getFileName();
  }

  public void add(long pid) throws IOException {
    for (Path group : groups) {
      Files.writeString(group.resolve("cgroup.procs"), "" + pid);
    }
  }

  @Override
  public void close() throws IOException {
    for (Path group : groups) {
      delete(group);
    }
  }

  /// Moves whatever is in a group to another. What is about to end cannot be moved (ESRCH), and
  /// what begins meanwhile is found the next time.
  static void evict(Path group, Path to) throws IOException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    List<String> pids = Files.readAllLines(group.resolve("cgroup.procs"));
    while (!pids.isEmpty() && System.nanoTime() - end < 0) {
      for (String pid : pids) {
        try {
          Files.writeString(to.resolve("cgroup.procs"), pid);
        } catch (IOException e) {
          Running.pause();
        }
      }
      pids = Files.readAllLines(group.resolve("cgroup.procs"));
    }
  }

  /// A group is busy (EBUSY) until the last of its tasks is gone, which is a moment after its
  /// parent knows of its end.
  static void delete(Path group) throws IOException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        Files.delete(group);
        return;
      } catch (FileSystemException e) {
        if (System.nanoTime() - end > 0) {
          throw e;
        }
        Running.pause();
      }
    }
  }
}
