package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Callers;
import dev.sluice.supervisor.target.Syscalls;
import dev.sluice.supervisor.target.Task;
import dev.sluice.supervisor.target.TaskTable;

/// Who makes the calls behind one listener, and who performs them in their place.
record ListenerCallers(TaskTable tasks, CallMakers makers) implements Callers {
  @Override
  public Task acquire(Call call) {
    return tasks.acquire(call);
  }

  @Override
  public void release(Task task) {
    tasks.release(task);
  }

  @Override
  public boolean mayBeReplaced(Call call) {
    return tasks.mayBeReplaced(call.tid());
  }

  @Override
  public Syscalls syscallsFor(Call call) {
    return makers.syscallsFor(call);
  }

  @Override
  public Syscalls patientSyscallsFor(Call call) {
    return makers.patientSyscallsFor(call);
  }

  @Override
  public Syscalls privilegedSyscallsFor(Call call, long capabilities) {
    return makers.privilegedSyscallsFor(call, capabilities);
  }
}
