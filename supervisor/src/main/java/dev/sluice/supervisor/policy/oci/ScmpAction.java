package dev.sluice.supervisor.policy.oci;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.policy.Action;
import dev.sluice.supervisor.policy.AuditMode;
import dev.sluice.supervisor.policy.Verdict;

/// The actions of a profile, `SCMP_ACT_` and these words.
enum ScmpAction {
  KILL(Seccomp.RET_KILL_THREAD),
  KILL_THREAD(Seccomp.RET_KILL_THREAD),
  KILL_PROCESS(Seccomp.RET_KILL_PROCESS),
  TRAP(Seccomp.RET_TRAP),
  ERRNO(Seccomp.RET_ERRNO),
  TRACE(Seccomp.RET_TRACE),
  ALLOW(Seccomp.RET_ALLOW),
  LOG(Seccomp.RET_LOG),
  NOTIFY(Seccomp.RET_USER_NOTIF);

  static final String PREFIX = "SCMP_ACT_";

  private final int ret;

  ScmpAction(int ret) {
    this.ret = ret;
  }

  /// That of a `SECCOMP_RET_` value.
  static ScmpAction of(int ret) {
    for (ScmpAction action : values()) {
      // the first of two names for one action is the older
      if (action.ret == (ret & Seccomp.RET_ACTION)) {
        return action;
      }
    }
    throw new IllegalStateException("no action: 0x" + Integer.toHexString(ret));
  }

  /// The `SECCOMP_RET_` value.
  int ret() {
    return ret;
  }

  /// Whether `errnoRet` means something for it.
  boolean carriesData() {
    return this == ERRNO || this == TRACE;
  }

  @Override
  public String toString() {
    return PREFIX + name();
  }

  /// The action of a policy that does what a `SECCOMP_RET_` value does.
  static Action actionOf(int ret) {
    int data = ret & Seccomp.RET_DATA;
    return switch (ret & Seccomp.RET_ACTION) {
      case Seccomp.RET_KILL_PROCESS -> new Action.Kill(Action.Kill.Scope.PROCESS);
      case Seccomp.RET_TRAP -> new Action.Trap();
      case Seccomp.RET_ERRNO -> data == 0 ? new Action.Return(0) : new Action.Deny(data);
      case Seccomp.RET_TRACE -> new Action.Trace(data);
      case Seccomp.RET_LOG -> new Action.Log();
      // of a notification: the supervisor lets the call go on, and leaves a record
      case Seccomp.RET_ALLOW, Seccomp.RET_USER_NOTIF -> new Action.Allow();
      default -> new Action.Kill(Action.Kill.Scope.THREAD);
    };
  }

  static AuditMode auditOf(int ret) {
    return ret == Seccomp.RET_USER_NOTIF ? AuditMode.ALWAYS : AuditMode.WHEN_NOTIFIED;
  }

  /// What the supervisor would do, were it asked.
  static Verdict verdictOf(int ret) {
    return switch (actionOf(ret)) {
      case Action.Allow _, Action.Log _ -> Verdict.CONTINUE;
      case Action.Deny(int errno) -> Verdict.Fail.of(Math.min(errno, Errno.MAX_ERRNO));
      case Action.Return(long value) -> Verdict.Return.of(value);
      default -> Verdict.KILL;
    };
  }
}
