package dev.sluice.supervisor.policy;

/// What a rule decides for one system call.
///
/// @param rule its name, for records
/// @param action the word for what it does, such as `deny`
/// @param kernelAction the `SECCOMP_RET_` value if registers alone lead here
public record Decision(
    String rule, String action, Verdict verdict, AuditMode audit, int kernelAction) {}
