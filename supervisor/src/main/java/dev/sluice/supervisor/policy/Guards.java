package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.policy.CallPlan.Watch;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What every filter with a listener closes, unless a rule names the call itself: ways around it.
final class Guards {
  /// io_uring does what calls do without making them; a handle is a path that nobody looked at.
  private static final Map<String, Errno> CLOSED =
      Map.of(
          "io_uring_setup", Errno.ENOSYS,
          "io_uring_enter", Errno.ENOSYS,
          "io_uring_register", Errno.ENOSYS,
          "open_by_handle_at", Errno.EPERM);

  /// Where paths decide, whoever can put directories in other places decides too. ENOSYS for the
  /// new calls, as mount(8) then tries mount(2).
  private static final Map<String, Errno> CLOSED_TO_PATHS =
      Map.of(
          "mount", Errno.EPERM,
          "pivot_root", Errno.EPERM,
          "fsopen", Errno.ENOSYS,
          "fspick", Errno.ENOSYS,
          "move_mount", Errno.ENOSYS,
          "open_tree", Errno.ENOSYS,
          "open_tree_attr", Errno.ENOSYS);

  private static final Set<String> CREDENTIALS =
      Set.of(
          "setuid",
          "setgid",
          "setreuid",
          "setregid",
          "setresuid",
          "setresgid",
          "setfsuid",
          "setfsgid",
          "setgroups",
          "setuid32",
          "setgid32",
          "setreuid32",
          "setregid32",
          "setresuid32",
          "setresgid32",
          "setfsuid32",
          "setfsgid32",
          "setgroups32",
          "capset",
          "unshare",
          "setns");

  private static final Set<String> EXEC = Set.of("execve", "execveat");
  private static final Set<String> ROOT = Set.of("chroot", "pivot_root");

  private Guards() {}

  /// The errno a call always fails with, if it is closed.
  ///
  /// @param byPaths whether the policy decides by paths
  static Optional<Errno> errnoOf(String call, boolean byPaths) {
    Errno errno = CLOSED.get(call);
    return Optional.ofNullable(errno == null && byPaths ? CLOSED_TO_PATHS.get(call) : errno);
  }

  static Watch watchOf(String call) {
    if (CREDENTIALS.contains(call)) {
      return Watch.CREDENTIALS;
    }
    if (EXEC.contains(call)) {
      return Watch.EXEC;
    }
    return ROOT.contains(call) ? Watch.ROOT : Watch.NONE;
  }
}
