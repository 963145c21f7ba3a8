package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Processes;
import java.util.HashSet;
import java.util.Set;

/// The processes in which a thread that is not the first executes a program, or has: its thread id
/// becomes that of the process (execve(2)), and until then the first thread may still be heard of
/// under it. When that is over nobody says, so that they are remembered until they have ended.
final class Execing {
  private final int max;
  private final Set<Integer> pids = new HashSet<>();

  Execing(int max) {
    this.max = max;
  }

  /// Returns false if there are too many: if more than half of those there is room for have not
  /// ended, since to find that out takes a while.
  boolean add(int pid) {
    if (pids.contains(pid)) {
      return true;
    }
    if (pids.size() >= max) {
      pids.removeIf(Execing::hasEnded);
      if (pids.size() > max / 2) {
        return false;
      }
    }
    return pids.add(pid);
  }

  private static boolean hasEnded(int pid) {
    return Processes.tgkill(pid, pid, 0) == -Errno.ESRCH.number();
  }

  boolean contains(int pid) {
    return !pids.isEmpty() && pids.contains(pid);
  }

  void clear() {
    pids.clear();
  }
}
