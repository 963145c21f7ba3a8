package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Processes;
import java.util.HashSet;
import java.util.Set;

/// The threads that are changing a root directory, which may be that of other threads too: of those
/// they share it with (chroot(2) after CLONE_FS), or of all in their mount namespace
/// (pivot_root(2)). When that is over nobody says; but it is once the thread is heard of again, or
/// has ended.
final class RootChanges {
  /// Each is asked for with every call that is looked at meanwhile.
  static final int MAX = 16;

  private final Set<Integer> tids = new HashSet<>();

  /// One that has been heard of ([#heardOf]). Returns false if there are too many.
  boolean add(int tid) {
    if (tids.size() == MAX) {
      tids.removeIf(RootChanges::hasEnded);
    }
    return tids.size() < MAX && tids.add(tid);
  }

  /// The thread makes another call.
  void heardOf(int tid) {
    if (!tids.isEmpty()) {
      tids.remove(tid);
    }
  }

  boolean areOver() {
    return tids.isEmpty() || (tids.removeIf(RootChanges::hasEnded) && tids.isEmpty());
  }

  /// If the number means another thread by now, a little later.
  private static boolean hasEnded(int tid) {
    return Processes.tkill(tid, 0) == -Errno.ESRCH.number();
  }
}
