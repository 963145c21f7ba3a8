package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Callers;
import dev.sluice.supervisor.target.Syscalls;
import dev.sluice.supervisor.target.Task;
import dev.sluice.supervisor.target.TaskTable;

/// Who makes the calls behind one listener, and who performs them in their place.
record ListenerCallers(TaskTable tasks, Performers performers) implements Callers {
  @Override
  public Task acquire(Call call) {
    return tasks.acquire(call);
  }

  @Override
  public void release(Task task) {
    tasks.release(task);
  }

  @Override
  public Syscalls performerFor(Call call) {
    return performers.performerFor(call);
  }

  @Override
  public Syscalls patientPerformerFor(Call call) {
    return performers.patientPerformerFor(call);
  }

  @Override
  public Syscalls privilegedPerformerFor(Call call, long capabilities) {
    return performers.privilegedPerformerFor(call, capabilities);
  }
}
