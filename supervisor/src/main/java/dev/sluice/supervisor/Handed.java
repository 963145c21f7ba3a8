package dev.sluice.supervisor;

import dev.sluice.supervisor.policy.Container;

/// What is known of a listener that somebody else has installed.
///
/// @param container what the policy is to know of it
/// @param metadata `listenerMetadata` of its profile: a policy's name
/// @param pid a process of the container, for it to be killed by; 0 if that is not known
/// @param waitKillable whether the filter was installed with WAIT_KILLABLE_RECV; false if that is
///   not known, and then a signal may have a call begin again
/// @param imposed what was imposed on it before it came to us: nothing if SUPERVISED
public record Handed(
    Container container, String metadata, int pid, boolean waitKillable, Supervised.State imposed) {
  /// The same where the kernel does not know that flag.
  Handed withoutWaitKillable() {
    return new Handed(container, metadata, pid, false, imposed);
  }

  /// The same, as it is handed on to whoever comes after us: its process may have ended since, and
  /// the number be another's.
  public Handed again(Supervised.State now) {
    return new Handed(container, metadata, 0, waitKillable, now);
  }
}
