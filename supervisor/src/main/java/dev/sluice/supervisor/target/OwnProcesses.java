package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.Processes;

/// The processes that decide, perform and record calls: we, and whichever programs of ours there
/// are. The command may be called like one of them, but has more filters than we have.
final class OwnProcesses {
  private static final String PREFIX = "sluice-";

  /// Number 1 in `NSpid` would be the init of a namespace below ours.
  private static final int OWN_NAMESPACE = 1;

  private static final int OWN_FILTERS = ownFilters();

  private OwnProcesses() {}

  /// Whether a thread is one of theirs. Throws [Abort] if nobody can tell.
  ///
  /// @param pid as the caller counts
  static boolean include(int pid, Task caller) {
    if (pid <= 0 || caller.status().nspids().size() != OWN_NAMESPACE) {
      return false; // in a namespace below, we have no number
    }
    return Processes.isOwnThread(pid) || isOurProgram(pid);
  }

  private static boolean isOurProgram(int pid) {
    int procfd = -1;
    try {
      procfd = Proc.open(pid);
      return Proc.status(procfd).name().startsWith(PREFIX) && Proc.filters(procfd) <= OWN_FILTERS;
    } catch (Abort abort) {
      if (abort != Abort.GONE) {
        throw abort;
      }
      return false;
    } finally {
      Files.close(procfd);
    }
  }

  private static int ownFilters() {
    int procfd = Files.open("/proc/self", OpenFlags.O_PATH | OpenFlags.O_DIRECTORY);
    try {
      return Proc.filters(procfd);
    } finally {
      Files.close(procfd);
    }
  }
}
