package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.policy.AuditMode;
import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.Location;
import dev.sluice.supervisor.policy.Verdict;

/// Decisions about every call of a container, whatever its policy says.
public final class Imposed {
  /// There is no policy for it.
  public static final Decision NO_POLICY = deny("no policy");

  /// Somebody has it refused.
  public static final Decision QUARANTINE = deny("quarantine");

  /// Whoever still makes a call is to end.
  public static final Decision KILL =
      new Decision(
          "killed", nowhere(), "kill", Verdict.KILL, AuditMode.ALWAYS, Seccomp.RET_USER_NOTIF);

  private Imposed() {}

  private static Decision deny(String name) {
    return new Decision(
        name,
        nowhere(),
        "deny",
        Verdict.Fail.of(Errno.EPERM.number()),
        AuditMode.ALWAYS,
        Seccomp.RET_USER_NOTIF);
  }

  private static Location nowhere() {
    return new Location("sluice", 1, 1);
  }
}
