package dev.sluice.supervisor.audit;

import java.util.Optional;

/// Who made a call, numbered as in the supervisor's namespaces.
///
/// @param tid the thread
/// @param container its container, if an OCI runtime said that it is in one
/// @param task what else is known; empty if it was not looked up
public record Caller(int tid, Optional<ContainerName> container, Optional<Known> task) {

  /// @param pid the process
  /// @param parent the process of its parent, when it was first looked at
  /// @param uid the effective user id
  /// @param gid the effective group id
  /// @param capabilities the effective ones, a bit for each
  /// @param comm its name, which it sets itself; as it was when it was first looked at
  /// @param exe the file of its program, if that was looked up
  /// @param cgroup the path of its cgroup as it was at most a second before, if that is known
  public record Known(
      int pid,
      int parent,
      long uid,
      long gid,
      long capabilities,
      ByteText comm,
      Optional<ByteText> exe,
      Optional<ByteText> cgroup) {}

  /// The process; 0 if it was not looked up.
  public int pid() {
    return task.map(Known::pid).orElse(0);
  }

  /// The name; empty if it was not looked up.
  public String comm() {
    return task.map(known -> known.comm().toString()).orElse("");
  }
}
