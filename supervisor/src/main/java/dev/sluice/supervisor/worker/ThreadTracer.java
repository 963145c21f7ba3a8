package dev.sluice.supervisor.worker;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.Processes;
import dev.sluice.supervisor.kernel.Ptrace;
import dev.sluice.supervisor.target.Tracer;

/// The calling thread, which traces and does nothing else with processes.
final class ThreadTracer implements Tracer {
  private static final int ANY = -1;

  private final NativeBytes status = NativeBytes.allocate(Integer.BYTES);

  @Override
  public int request(int request, int tid, long data) {
    return Ptrace.request(request, tid, data);
  }

  /// For any: a thread that executes a program while it is not the first takes on another number.
  @Override
  public Stop await() {
    int pid;
    do {
      pid = Processes.waitpid(ANY, status, Ptrace.WALL | Ptrace.WNOTHREAD);
    } while (pid == -Errno.EINTR.number());
    return new Stop(pid, status.getInt(0));
  }
}
