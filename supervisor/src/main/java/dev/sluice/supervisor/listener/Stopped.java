package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.target.Tracer;

/// A caller that was watched and waits, on its way back from the kernel, for us to let it go. Used
/// by the thread that traces it.
final class Stopped {
  private enum State {
    WAITING,
    ENDING,
    RELEASED
  }

  private final Tracer tracer;
  private final Tracer.Stop stop;
  private State state = State.WAITING;

  Stopped(Tracer tracer, Tracer.Stop stop) {
    this.tracer = tracer;
    this.stop = stop;
  }

  /// Returns 0, or -ENOENT if it has been killed meanwhile.
  int release() {
    state = tracer.release(stop) ? State.RELEASED : State.ENDING;
    return state == State.RELEASED ? 0 : -Errno.ENOENT.number();
  }

  int kill() {
    tracer.kill(stop);
    state = State.ENDING;
    return 0;
  }

  /// Waits for the end of what has not been let go: after its record, since others wait for that.
  void end() {
    if (state == State.WAITING) {
      kill(); // nobody has decided
    }
    if (state == State.ENDING) {
      tracer.awaitEnd();
    }
  }
}
