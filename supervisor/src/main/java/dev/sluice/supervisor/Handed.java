package dev.sluice.supervisor;

import dev.sluice.supervisor.policy.Container;
import java.util.OptionalInt;

/// What is known of a listener that somebody else has installed.
///
/// @param container what the policy is to know of it
/// @param metadata `listenerMetadata` of its profile: a policy's name
/// @param pid a process of the container, for it to be killed by; 0 if that is not known
/// @param process a pidfd of the same, which stays its giver's; -1 if the number is all that is
///   known
/// @param waitKillable whether the filter was installed with WAIT_KILLABLE_RECV; false if that is
///   not known, and then a signal may have a call begin again
/// @param told whether the filter is known to notify, or refuse, every call that changes who its
///   caller is, as those of [dev.sluice.supervisor.policy.oci.OciWriter] do
/// @param imposed what was imposed on it before it came to us: nothing if SUPERVISED
/// @param user who is to have, with all of theirs together, no more than one container may; empty
///   if this is one of its own
public record Handed(
    Container container,
    String metadata,
    int pid,
    int process,
    boolean waitKillable,
    boolean told,
    Supervised.State imposed,
    OptionalInt user) {
  /// One that its giver answers for, and whose filter is ours.
  public Handed(
      Container container,
      String metadata,
      int pid,
      boolean waitKillable,
      Supervised.State imposed) {
    this(container, metadata, pid, -1, waitKillable, true, imposed, OptionalInt.empty());
  }

  /// The same where the kernel does not know that flag.
  Handed withoutWaitKillable() {
    return new Handed(container, metadata, pid, process, false, told, imposed, user);
  }

  /// The same, as it is handed on to whoever comes after us: its process may have ended since, and
  /// the number be another's.
  public Handed again(Supervised.State now) {
    return new Handed(container, metadata, 0, -1, waitKillable, told, now, user);
  }
}
