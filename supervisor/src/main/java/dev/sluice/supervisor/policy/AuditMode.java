package dev.sluice.supervisor.policy;

/// Whether a decision leaves a record. The kernel's own decisions leave none, so a decision that
/// must is left to the supervisor.
public enum AuditMode {
  /// If the supervisor decides it anyway.
  WHEN_NOTIFIED,
  NEVER,
  ALWAYS,
  /// Always, and somebody is told at once.
  ALERT,
  /// Always, and of what was performed, not of what was observed.
  EXACT;

  public boolean demandsRecord() {
    return this == ALWAYS || this == ALERT || this == EXACT;
  }
}
