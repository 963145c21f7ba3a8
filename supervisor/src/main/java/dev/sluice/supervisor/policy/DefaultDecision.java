package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.syscall.Arch;

/// What is decided by no rule: by the `default` of a policy, or because the policy is not about
/// such calls.
final class DefaultDecision {
  private static final int ENOSYS = Errno.ENOSYS.number();

  private DefaultDecision() {}

  /// What the default does once the supervisor is asked.
  static Verdict verdict(Action otherwise) {
    return switch (otherwise) {
      case Action.Allow _, Action.Log _ -> Verdict.CONTINUE;
      case Action.Deny(int errno) -> Verdict.Fail.of(errno);
      case Action.Return(long value) -> Verdict.Return.of(value);
      default -> Verdict.KILL;
    };
  }

  /// What a filter answers to calls that are newer than our tables: a `SECCOMP_RET_` value.
  static int ofNewer(Policy policy, boolean notifies) {
    Action otherwise = policy.otherwise();
    // such a call may be a way around what is notified
    boolean isRefused =
        notifies
            && KernelActions.passes(KernelActions.of(otherwise, AuditMode.WHEN_NOTIFIED, false));
    return isRefused
        ? Seccomp.RET_ERRNO | ENOSYS
        : KernelActions.of(otherwise, policy.auditOf(otherwise), false);
  }

  /// The same where nobody can be asked, and no record left: no runtime takes a profile that
  /// notifies by default.
  static int ofNewerUnasked(Policy policy, int asked) {
    if (asked != Seccomp.RET_USER_NOTIF) {
      return asked;
    }
    int alone = KernelActions.of(policy.otherwise(), AuditMode.WHEN_NOTIFIED, false);
    return alone == Seccomp.RET_USER_NOTIF ? Seccomp.RET_ERRNO | ENOSYS : alone;
  }

  /// What becomes of a call that no plan is for, should it be notified: by a filter that was
  /// installed for another policy, perhaps.
  static Decision of(Policy policy, Unlisted unlisted, Arch arch, int nr) {
    int action =
        policy.architectures().contains(arch) ? unlisted.of(arch, nr) : unlisted.architecture();
    Action otherwise = policy.otherwise();
    boolean isRefused = verdict(otherwise).equals(Verdict.CONTINUE) && isErrno(action);
    return isRefused || action != unlisted.number()
        ? new Decision(
            PolicyCompiler.GUARD,
            policy.location(),
            new Action.Deny(ENOSYS).keyword(),
            Verdict.Fail.of(ENOSYS),
            AuditMode.WHEN_NOTIFIED,
            action)
        : new Decision(
            PolicyCompiler.DEFAULT,
            policy.location(),
            otherwise.keyword(),
            verdict(otherwise),
            policy.auditOf(otherwise),
            action);
  }

  private static boolean isErrno(int action) {
    return (action & Seccomp.RET_ACTION) == Seccomp.RET_ERRNO;
  }
}
