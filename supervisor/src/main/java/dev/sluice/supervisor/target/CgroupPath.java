package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/// In which cgroup a task is (cgroups(7)): that of the memory controller where version 1 has it,
/// else that of version 2. Any thread may ask.
final class CgroupPath {
  /// Nobody is told that a task was moved: so it is read again after this time.
  static final long AGE_NANOS = Duration.ofSeconds(1).toNanos();

  /// More than a line with a path as long as they come, and the lines of version 1.
  private static final ThreadLocal<NativeBytes> BUFFER =
      ThreadLocal.withInitial(() -> NativeBytes.allocate(4 * PathArgument.PATH_MAX));

  private static final String UNIFIED = "0::";
  private static final String MEMORY = "memory";

  private volatile long readNanos;
  private volatile byte[] memberships = {};
  private volatile Text text = new Text();

  /// @param now [System#nanoTime]
  CgroupPath(long now) {
    readNanos = now - AGE_NANOS;
  }

  /// Its path as it was in the second before `now`, from the root of our cgroup namespace; not to
  /// be changed. Of a task that has ended what was known last; empty if that is nothing. Allocates
  /// if it is another than before.
  ///
  /// @param procfd its directory in /proc
  Text at(long now, int procfd) {
    if (now - readNanos >= AGE_NANOS) {
      readNanos = now;
      read(procfd);
    }
    return text;
  }

  /// As it was when somebody asked last.
  Text known() {
    return text;
  }

  private void read(int procfd) {
    int fd = Files.openat(procfd, Freezer.CGROUP, OpenFlags.O_RDONLY | OpenFlags.O_CLOEXEC, 0);
    if (fd < 0) {
      return; // it has ended
    }
    NativeBytes buffer = BUFFER.get();
    int length = Files.read(fd, buffer);
    Files.close(fd);
    if (length > 0 && !isKnown(buffer, length)) {
      byte[] read = new byte[length];
      buffer.get(0, read, 0, length);
      text = parse(new String(read, StandardCharsets.ISO_8859_1));
      memberships = read;
    }
  }

  private boolean isKnown(NativeBytes buffer, int length) {
    byte[] known = memberships;
    boolean same = known.length == length;
    for (int i = 0; same && i < length; i++) {
      same = known[i] == buffer.getByte(i);
    }
    return same;
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
