package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Syscalls;
import dev.sluice.supervisor.target.Tracer;
import java.util.function.Consumer;

/// Where nothing is to be performed.
class NoCallMakers implements CallMakers {
  @Override
  public void trace(Call call, Consumer<Tracer> work) {
    throw new AssertionError("nothing is traced");
  }

  @Override
  public Syscalls syscallsFor(Call call) {
    throw new AssertionError("nothing is performed");
  }

  @Override
  public Syscalls patientSyscallsFor(Call call) {
    throw new AssertionError("nothing is performed");
  }

  @Override
  public Syscalls privilegedSyscallsFor(Call call, long capabilities) {
    throw new AssertionError("nothing is performed");
  }
}
