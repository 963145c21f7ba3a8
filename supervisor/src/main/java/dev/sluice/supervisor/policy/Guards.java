package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Mounts;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.policy.condition.Condition;
import dev.sluice.supervisor.policy.condition.Condition.Comparison;
import dev.sluice.supervisor.policy.condition.Condition.Constant;
import dev.sluice.supervisor.policy.condition.Condition.NumberTest;
import dev.sluice.supervisor.policy.condition.Condition.TextTest;
import dev.sluice.supervisor.policy.condition.NumberValue;
import dev.sluice.supervisor.policy.condition.TextPattern;
import dev.sluice.supervisor.policy.condition.TextValue;
import dev.sluice.supervisor.target.IdentityChange;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What every filter with a listener closes, unless a rule names the call itself: ways around it.
final class Guards {
  /// One rule of a guard; it allows without an errno.
  record Guard(Condition condition, Optional<Errno> errno) {
    static Guard deny(Condition condition, Errno errno) {
      return new Guard(condition, Optional.of(errno));
    }

    static Guard allow(Condition condition) {
      return new Guard(condition, Optional.empty());
    }
  }

  /// io_uring does what calls do without making them; a handle is a path that nobody looked at.
  private static final Map<String, Errno> CLOSED =
      Map.of(
          "io_uring_setup", Errno.ENOSYS,
          "io_uring_enter", Errno.ENOSYS,
          "io_uring_register", Errno.ENOSYS,
          "open_by_handle_at", Errno.EPERM);

  /// Where paths decide, whoever can show a directory in another place decides too. ENOSYS, as
  /// mount(8) then tries mount(2). A new root gives every file another path; chroot(2) does not, as
  /// the supervisor sees paths from the root of the mounts.
  private static final Map<String, Errno> CLOSED_TO_PATHS =
      Map.of(
          "fsopen", Errno.ENOSYS,
          "fspick", Errno.ENOSYS,
          "move_mount", Errno.ENOSYS,
          "open_tree", Errno.ENOSYS,
          "open_tree_attr", Errno.ENOSYS,
          "pivot_root", Errno.EPERM);

  /// File systems that show nothing that was elsewhere before, as an overlay does.
  private static final List<String> HARMLESS =
      List.of("tmpfs", "proc", "sysfs", "devpts", "mqueue");

  /// linux/userfaultfd.h
  private static final int UFFD_USER_MODE_ONLY = 1;

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

  private static final Set<String> PROGRAM = Set.of("execve", "execveat");
  private static final Set<String> ROOT = Set.of("chroot", "pivot_root");

  private Guards() {}

  /// The guards of a call, in order.
  ///
  /// @param byPaths whether the policy decides by paths
  static List<Guard> of(String call, boolean byPaths) {
    if (call.equals("seccomp")) {
      return List.of(Guard.deny(newListener(), Errno.EBUSY));
    }
    if (call.equals("userfaultfd")) {
      return List.of(Guard.deny(kernelFaults(), Errno.EPERM));
    }
    if (call.equals("mount") && byPaths) {
      return mount();
    }
    Errno errno = CLOSED.get(call);
    if (errno == null && byPaths) {
      errno = CLOSED_TO_PATHS.get(call);
    }
    return errno == null ? List.of() : List.of(Guard.deny(Constant.TRUE, errno));
  }

  /// A listener of the target's own could let calls continue that we mediate.
  private static Condition newListener() {
    return Condition.and(
        new NumberTest(register(0), -1, Comparison.EQ, Seccomp.SET_MODE_FILTER),
        any(register(1), Seccomp.FILTER_FLAG_NEW_LISTENER));
  }

  /// With it a target could make us wait for ever, when we read its memory. The kernel refuses it
  /// to ordinary users, too (vm.unprivileged_userfaultfd).
  private static Condition kernelFaults() {
    return new NumberTest(register(0), UFFD_USER_MODE_ONLY, Comparison.EQ, 0);
  }

  /// In the order in which mount(2) looks at its flags.
  private static List<Guard> mount() {
    NumberValue flags = register(3);
    int propagation = Mounts.MS_SHARED | Mounts.MS_PRIVATE | Mounts.MS_SLAVE | Mounts.MS_UNBINDABLE;
    var fstypes = HARMLESS.stream().<TextPattern>map(TextPattern.Equal::to).toList();
    return List.of(
        Guard.allow(any(flags, Mounts.MS_REMOUNT)),
        Guard.deny(any(flags, Mounts.MS_BIND), Errno.EPERM),
        Guard.allow(any(flags, propagation)),
        Guard.deny(any(flags, Mounts.MS_MOVE), Errno.EPERM),
        Guard.allow(new TextTest(new TextValue.Argument(2), new TextPattern.AnyOf(fstypes))),
        Guard.deny(Constant.TRUE, Errno.EPERM));
  }

  private static NumberValue register(int index) {
    return new NumberValue.Register(index, Integer.SIZE, false);
  }

  private static Condition any(NumberValue value, int bits) {
    return new NumberTest(value, bits, Comparison.NE, 0);
  }

  /// What has to be known of a call whatever the rules say.
  static IdentityChange changeBy(String call) {
    if (CREDENTIALS.contains(call)) {
      return IdentityChange.CREDENTIALS;
    }
    if (PROGRAM.contains(call)) {
      return IdentityChange.PROGRAM;
    }
    return ROOT.contains(call) ? IdentityChange.ROOT : IdentityChange.NONE;
  }
}
