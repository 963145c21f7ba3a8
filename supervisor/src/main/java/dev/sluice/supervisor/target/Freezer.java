package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.NativeBytes;

/// cgroup.freeze of cgroup v2. It stops a task on its way out of the kernel, where one that waits
/// for our answer does not get to, and shows nowhere in what proc(5) says of the task.
final class Freezer {
  static final NativeBytes CGROUP = NativeBytes.ofString("cgroup");
  private static final Cgroups CGROUPS = Cgroups.ofSystem();

  private Freezer() {}

  /// Whether a task, whose directory in /proc is `procfd`, is in a cgroup that is frozen, or is
  /// about to be. Throws [Abort] if it has ended.
  static boolean holds(int procfd) {
    return holds(CGROUPS, Proc.read(procfd, CGROUP));
  }

  /// @param memberships /proc/PID/cgroup
  static boolean holds(Cgroups cgroups, String memberships) {
    return cgroups.unified(memberships).stream()
        .flatMap(group -> group.chain().stream())
        .anyMatch(group -> Cgroup.text(group, "cgroup.freeze").orElse("0").startsWith("1"));
  }
}
