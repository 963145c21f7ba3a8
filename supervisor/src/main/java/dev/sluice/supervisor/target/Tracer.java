package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Processes;
import dev.sluice.supervisor.kernel.Ptrace;

/// One thread of ours, or of a worker, that traces one thread of a target at a time (ptrace(2)).
/// Used by one thread.
public interface Tracer {
  /// [Ptrace#request]. -ESRCH too if the tracer is gone, and with it what it traced.
  int request(int request, int tid, long data);

  /// Waits until the tracee has stopped or ended.
  Stop await();

  /// What a wait was told.
  ///
  /// @param pid the thread id, which for one that has executed a program is that of its process;
  ///   -errno if there is nobody to wait for any more
  /// @param status as wait(2) gives it
  record Stop(int pid, int status) {
    private static final int STOPPED = 0x7f;

    /// Whether it waits for us; otherwise it has ended.
    public boolean isStopped() {
      return pid > 0 && (status & 0xff) == STOPPED;
    }

    /// Whether it has executed a program and none of its instructions.
    public boolean isExec() {
      return isStopped() && status >> 16 == Ptrace.EVENT_EXEC;
    }

    /// The signal it was about to receive; 0 if that is not why it stopped.
    public int signal() {
      return status >> 16 == 0 ? status >> 8 & 0xff : 0;
    }
  }

  /// Ends the process that `stop` is of, which does not execute another instruction. [#awaitEnd] is
  /// to follow.
  default void kill(Stop stop) {
    Processes.tkill(stop.pid, Processes.SIGKILL);
  }

  /// Lets it go on. Returns whether it does; it may have been killed meanwhile, and [#awaitEnd] is
  /// to follow.
  default boolean release(Stop stop) {
    return request(Ptrace.DETACH, stop.pid, stop.signal()) == 0;
  }

  /// Waits until the tracee has ended, without which it would not be given to its parent. That may
  /// take as long as the tracee likes: it may flush a file that its own file system serves, or wait
  /// for the processes of its pid namespace.
  default void awaitEnd() {
    Stop stop = await();
    while (stop.isStopped()) {
      stop = await();
    }
  }
}
