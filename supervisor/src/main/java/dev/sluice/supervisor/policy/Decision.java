package dev.sluice.supervisor.policy;

import java.util.Optional;

/// What a rule decides for one system call.
///
/// @param rule its name, for records
/// @param location where it stands; of a guard and a default, that of the policy
/// @param action the word for what it does, such as `deny`
/// @param kernelAction the `SECCOMP_RET_` value if registers alone lead here
/// @param limit if the rule has one
public record Decision(
    String rule,
    Location location,
    String action,
    Verdict verdict,
    AuditMode audit,
    int kernelAction,
    Optional<Limited> limit) {

  public Decision(
      String rule,
      Location location,
      String action,
      Verdict verdict,
      AuditMode audit,
      int kernelAction) {
    this(rule, location, action, verdict, audit, kernelAction, Optional.empty());
  }

  /// Whether to the caller there is no such file.
  public boolean hides() {
    return action.equals(Action.HIDE);
  }

  Decision with(Verdict another) {
    return new Decision(rule, location, action, another, audit, kernelAction, limit);
  }
}
