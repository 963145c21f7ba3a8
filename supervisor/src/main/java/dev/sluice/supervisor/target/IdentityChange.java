package dev.sluice.supervisor.target;

/// What a call changes of what is known of tasks.
public enum IdentityChange {
  NONE,
  /// The caller's credentials or namespaces.
  CREDENTIALS,
  /// The caller's program, and with it possibly credentials and thread id.
  PROGRAM,
  /// The root directory, of other threads too, and possibly the caller's namespaces.
  ROOT
}
