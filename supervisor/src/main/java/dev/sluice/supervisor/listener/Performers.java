package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Syscalls;

/// Chooses who makes calls for the caller of a call. Both throw
/// [dev.sluice.supervisor.target.Abort] if nobody can.
public interface Performers {
  Syscalls performerFor(Call call);

  /// For calls that may never come back, unless they are cancelled.
  Syscalls patientPerformerFor(Call call);
}
