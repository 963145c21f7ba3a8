package dev.sluice.supervisor.target;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/// In which cgroup a task was (cgroups(7)): that of the memory controller where version 1 has it,
/// else that of version 2.
///
/// @param text from the root of our cgroup namespace; empty if it is not known
/// @param readNanos when that was so ([System#nanoTime])
record CgroupPath(Text text, long readNanos) {
  /// Nobody is told that a task was moved: so it is read again after this time.
  static final long AGE_NANOS = Duration.ofSeconds(1).toNanos();

  private static final String UNIFIED = "0::";
  private static final String MEMORY = "memory";

  static CgroupPath unknown(long now) {
    return new CgroupPath(new Text(), now - AGE_NANOS);
  }

  /// Reads it, if it is not known well enough. What is known of a task that has ended stays so.
  ///
  /// @param procfd its directory in /proc
  CgroupPath at(long now, int procfd) {
    if (now - readNanos < AGE_NANOS) {
      return this;
    }
    try {
      return new CgroupPath(parse(Proc.readLong(procfd, Freezer.CGROUP)), now);
    } catch (Abort ended) {
      return new CgroupPath(text, now);
    }
  }

  /// @param memberships `/proc/PID/cgroup`, its bytes as Latin-1
  static Text parse(String memberships) {
    String path = "";
    // what does not end in a newline was cut
    for (String line :
        memberships.substring(0, memberships.lastIndexOf('\n') + 1).split("\n", -1)) {
      String[] fields = line.split(":", 3);
      if (line.startsWith(UNIFIED) && path.isEmpty()) {
        path = line.substring(UNIFIED.length());
      } else if (fields.length == 3 && List.of(fields[1].split(",", -1)).contains(MEMORY)) {
        path = fields[2];
      }
    }
    var text = new Text();
    text.set(path.getBytes(StandardCharsets.ISO_8859_1));
    return text;
  }
}
