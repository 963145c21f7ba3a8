package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Syscalls;
import dev.sluice.supervisor.target.Tracer;
import java.util.function.Consumer;

/// Chooses who makes calls for the caller of a call. All throw [dev.sluice.supervisor.target.Abort]
/// if nobody can.
public interface CallMakers {
  Syscalls syscallsFor(Call call);

  /// For calls that may never come back, unless they are cancelled.
  Syscalls patientSyscallsFor(Call call);

  /// The same with these capabilities in our user namespace
  /// ([dev.sluice.supervisor.target.Identity#privilegedBy]).
  Syscalls privilegedSyscallsFor(Call call, long capabilities);

  /// Does `work` with a tracer for the caller.
  void trace(Call call, Consumer<Tracer> work);
}
