package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Seccomp;

/// What a filter answers where registers alone lead to an action.
final class KernelActions {
  private KernelActions() {}

  /// The `SECCOMP_RET_` value: a notification where only the supervisor can act, has to count, or
  /// has to leave a record.
  static int of(Action action, AuditMode audit, boolean limited) {
    if (audit.demandsRecord() || limited) {
      return Seccomp.RET_USER_NOTIF;
    }
    return switch (action) {
      case Action.Allow _ -> Seccomp.RET_ALLOW;
      case Action.Log _ -> Seccomp.RET_LOG;
      case Action.Trap _ -> Seccomp.RET_TRAP;
      case Action.Trace(int value) -> Seccomp.RET_TRACE | value;
      case Action.Kill(var scope) ->
          scope == Action.Kill.Scope.THREAD ? Seccomp.RET_KILL_THREAD : Seccomp.RET_KILL_PROCESS;
      case Action.Deny(int errno) -> Seccomp.RET_ERRNO | errno;
      case Action.Return(long value) -> ofReturn(value);
      case Action.Emulate _, Action.Serve _, Action.Hide _, Action.Ask _ -> Seccomp.RET_USER_NOTIF;
    };
  }

  /// SECCOMP_RET_ERRNO carries 0 to MAX_ERRNO, which a call returns as 0 to -MAX_ERRNO.
  private static int ofReturn(long value) {
    return value <= 0 && value >= -Errno.MAX_ERRNO
        ? Seccomp.RET_ERRNO | (int) -value
        : Seccomp.RET_USER_NOTIF;
  }

  /// Whether the call takes place without anybody being asked.
  static boolean passes(int action) {
    return action == Seccomp.RET_ALLOW || action == Seccomp.RET_LOG;
  }

  /// Whether a supervisor that is asked can answer what a filter would: a `SECCOMP_RET_` value.
  /// What the kernel would log leaves a record.
  static boolean isAnswer(int action) {
    return switch (action & Seccomp.RET_ACTION) {
      case Seccomp.RET_ALLOW,
          Seccomp.RET_LOG,
          Seccomp.RET_ERRNO,
          Seccomp.RET_KILL_PROCESS,
          Seccomp.RET_USER_NOTIF ->
          true;
      default -> false;
    };
  }

  /// Whether only the kernel can take the action.
  static boolean isKernelOnly(Action action) {
    return switch (action) {
      case Action.Trap _, Action.Trace _ -> true;
      case Action.Kill(var scope) -> scope == Action.Kill.Scope.THREAD;
      default -> false;
    };
  }
}
