package dev.sluice.supervisor.target;

/// What the rules of a policy may ask of the thread that makes a call. Ids are those of the
/// supervisor's namespaces.
public interface TaskView {
  int tid();

  /// The process id.
  int tgid();

  /// The effective user id, as a C `uid_t`.
  int uid();

  /// The effective group id, as a C `gid_t`.
  int gid();

  /// The effective capabilities, a bit for each (capabilities(7)), in the task's own user
  /// namespace.
  long capabilities();

  /// The name of the program, at most 15 bytes (`comm` of proc(5)), which it can change itself.
  Text comm();

  /// The path of the program's file (`exe` of proc(5)), from the root of the supervisor.
  Text exe();

  /// The path of its cgroup, as it was at most a second ago.
  Text cgroup();
}
