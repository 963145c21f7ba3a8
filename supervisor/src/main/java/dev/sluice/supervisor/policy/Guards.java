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
import dev.sluice.supervisor.policy.explain.Truth;
import dev.sluice.supervisor.target.CallView;
import dev.sluice.supervisor.target.IdentityChange;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// What every filter with a listener closes, unless a rule names the call itself: ways around it.
public final class Guards {
  /// What fails. It allows nothing: what it leaves is for the rules after it, and the default.
  ///
  /// @param reason for who asks why
  record Guard(Condition condition, Errno errno, String reason) {}

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

  /// File systems that show nothing that was elsewhere before, as an overlay does; but the kernel's
  /// own, of which every mount shows the same. Containers have theirs, so that rules about `/proc`,
  /// `/sys` and `/dev/mqueue` are about those places alone.
  private static final Condition HARMLESS =
      new TextTest(
          new TextValue.Argument(2),
          new TextPattern.AnyOf(
              Stream.of("tmpfs", "proc", "sysfs", "devpts", "mqueue")
                  .<TextPattern>map(TextPattern.Equal::to)
                  .toList()));

  /// linux/userfaultfd.h
  private static final int UFFD_USER_MODE_ONLY = 1;

  /// Of `/dev/userfaultfd` (6.1); its argument is the flags of userfaultfd(2).
  private static final int USERFAULTFD_IOC_NEW = 0xaa00;

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
          "unshare");

  private static final Set<String> PROGRAM = Set.of("execve", "execveat");

  /// With a pidfd and several namespaces, setns(2) enters a mount namespace although others share
  /// the root, which it changes for them (seen on 6.18).
  private static final Set<String> ROOT = Set.of("chroot", "pivot_root", "setns");

  private static final String ELSEWHERE =
      "it shows a directory in another place, where the policy's paths do not look for it";

  private static final String NEVER_COMES =
      "memory that never comes would hold whoever reads it for the target";

  /// The bits that the number of a process has: linux/threads.h, PID_MAX_LIMIT - 1. A profile has a
  /// rule for each.
  private static final int PID_MASK = 0x3fffff;

  /// linux/prctl.h
  private static final int PR_SET_MM = 35;

  private static final String PRETENDED =
      "a program could take the path of another, which it does not execute";

  private static final String UNWRITTEN =
      "a limit on the supervisor's files or time would end its records";

  /// Calls that guards close some of, and that rules often name for the rest: numbers of their
  /// registers that are closed, by index.
  public static final Map<String, List<Map<Integer, Integer>>> PARTLY_CLOSED =
      Map.of(
          "socket",
          AddressGuards.SOCKETS,
          "setsockopt",
          AddressGuards.OPTIONS,
          "mount",
          List.of(Map.of(3, Mounts.MS_BIND)));

  private Guards() {}

  /// Whether a call that it decides can take place; what becomes of it in a handler, the handler
  /// answers for.
  static boolean mayOpen(Action action) {
    return switch (action) {
      case Action.Allow _, Action.Log _, Action.Ask _, Action.Trace _ -> true;
      default -> false;
    };
  }

  /// Why a guard's condition of a call decides as it does: half a sentence for the policy's author.
  public static String reason(String call, Condition condition) {
    return of(call, true, true).stream()
        .filter(guard -> isWithin(condition, guard.condition))
        .findFirst()
        .map(Guard::reason)
        .orElse("it would be a way around the policy");
  }

  /// Whether a condition is that of a guard, or of one that holds only where a rule does.
  private static boolean isWithin(Condition condition, Condition guard) {
    return guard.equals(Constant.TRUE)
        || guard.equals(condition)
        || (condition instanceof Condition.And(_, Condition right) && right.equals(guard));
  }

  /// What follows if a call that guards close is open; empty if they close no such call.
  ///
  /// @param byPaths whether the policy decides by paths
  /// @param byAddresses whether it does by addresses of sockets
  public static Optional<String> danger(String call, boolean byPaths, boolean byAddresses) {
    List<Guard> guards = of(call, byPaths, byAddresses && call.equals("socketcall"));
    return guards.isEmpty() || call.equals("mount") || areBesideRules(call)
        ? Optional.empty()
        : Optional.of(guards.getFirst().reason);
  }

  /// What follows if one of those is open; empty if no guard would close it.
  public static Optional<String> dangerOf(
      String call, CallView view, boolean byPaths, boolean byAddresses) {
    return of(call, byPaths, byAddresses).stream()
        .filter(guard -> Truth.TRUE.equals(Truth.of(guard.condition, view)))
        .findFirst()
        .map(Guard::reason);
  }

  private static String closed(String call) {
    if (call.startsWith("io_uring_")) {
      return "io_uring does what calls do without making them";
    }
    return switch (call) {
      case "open_by_handle_at" -> "a handle leads to a file by a path that nobody looked at";
      case "pivot_root" -> "a new root gives every file another path";
      default -> ELSEWHERE;
    };
  }

  /// The guards of a call, in order.
  ///
  /// @param byPaths whether the policy decides by paths; [#isGuardOfPrograms] says of which calls
  ///   those of programs alone are meant
  /// @param byAddresses whether it does by addresses of sockets
  static List<Guard> of(String call, boolean byPaths, boolean byAddresses) {
    if (byAddresses) {
      List<Guard> guards = AddressGuards.of(call);
      if (!guards.isEmpty()) {
        return guards;
      }
    }
    if (call.equals("seccomp")) {
      return List.of(
          new Guard(
              newListener(),
              Errno.EBUSY,
              "a listener of the target's own could let calls continue that are mediated here"));
    }
    if (call.equals("userfaultfd")) {
      return List.of(new Guard(kernelFaults(register(0)), Errno.EPERM, NEVER_COMES));
    }
    if (call.equals("ioctl")) {
      Condition makesOne = new NumberTest(register(1), -1, Comparison.EQ, USERFAULTFD_IOC_NEW);
      Condition condition = Condition.and(makesOne, kernelFaults(register(2)));
      return List.of(new Guard(condition, Errno.EPERM, NEVER_COMES));
    }
    if (call.equals("prlimit64")) {
      return List.of(new Guard(limitsSupervisor(), Errno.EPERM, UNWRITTEN));
    }
    if (call.equals("prctl") && byPaths) {
      Condition changes = new NumberTest(register(0), -1, Comparison.EQ, PR_SET_MM);
      return List.of(new Guard(changes, Errno.EPERM, PRETENDED));
    }
    if (call.equals("mount") && byPaths) {
      return mount();
    }
    Errno errno = CLOSED.get(call);
    if (errno == null && byPaths) {
      errno = CLOSED_TO_PATHS.get(call);
    }
    return errno == null ? List.of() : List.of(new Guard(Constant.TRUE, errno, closed(call)));
  }

  /// Whether rules that name a call do not take the place of its guards, but decide before them: it
  /// does so many things that they mean others.
  static boolean areBesideRules(String call) {
    return call.equals("ioctl") || isGuardOfPrograms(call);
  }

  /// Whether a call is guarded only where the path of the program decides.
  static boolean isGuardOfPrograms(String call) {
    return call.equals("prctl");
  }

  /// Whether a call is guarded only where paths decide.
  static boolean isGuardOfPaths(String call) {
    return call.equals("mount") || CLOSED_TO_PATHS.containsKey(call);
  }

  /// The same of addresses of sockets.
  static boolean isGuardOfAddresses(String call) {
    return !AddressGuards.of(call).isEmpty();
  }

  /// A listener of the target's own could let calls continue that we mediate.
  private static Condition newListener() {
    return Condition.and(
        new NumberTest(register(0), -1, Comparison.EQ, Seccomp.SET_MODE_FILTER),
        any(register(1), Seccomp.FILTER_FLAG_NEW_LISTENER));
  }

  /// With it a target could make us wait for ever, when we read its memory. The kernel refuses it
  /// to ordinary users, too (vm.unprivileged_userfaultfd).
  private static Condition kernelFaults(NumberValue flags) {
    return new NumberTest(flags, UFFD_USER_MODE_ONLY, Comparison.EQ, 0);
  }

  /// The kernel lets everybody set the limits of who has the same ids, dumpable or not. Only about
  /// another's is the supervisor asked: most programs name none. That new ones are given is not for
  /// the filter: the rules of a profile would be 64 times as many.
  private static Condition limitsSupervisor() {
    Condition ofOurs = new NumberTest(new NumberValue.OfSupervisor(0, 2), -1, Comparison.EQ, 1);
    return Condition.and(any(register(0), PID_MASK), ofOurs);
  }

  /// In the order in which mount(2) looks at its flags.
  private static List<Guard> mount() {
    NumberValue flags = register(3);
    int propagation = Mounts.MS_SHARED | Mounts.MS_PRIVATE | Mounts.MS_SLAVE | Mounts.MS_UNBINDABLE;
    Condition mounts = Condition.not(any(flags, Mounts.MS_REMOUNT));
    Condition propagates = Condition.and(any(flags, propagation), isWithoutMagic(flags));
    Condition other = Condition.and(mounts, Condition.not(propagates));
    return List.of(
        new Guard(Condition.and(mounts, any(flags, Mounts.MS_BIND)), Errno.EPERM, ELSEWHERE),
        new Guard(Condition.and(other, any(flags, Mounts.MS_MOVE)), Errno.EPERM, ELSEWHERE),
        new Guard(
            Condition.and(other, Condition.not(HARMLESS)),
            Errno.EPERM,
            "this can show what was elsewhere before"));
  }

  /// With it the kernel ignores the upper half of the flags, where it would be two kinds of
  /// propagation.
  private static Condition isWithoutMagic(NumberValue flags) {
    return new NumberTest(
        flags,
        Integer.toUnsignedLong(Mounts.MS_MGC_MSK),
        Comparison.NE,
        Integer.toUnsignedLong(Mounts.MS_MGC_VAL));
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
