package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.target.Tracer;

/// A caller that was watched and waits, on its way back from the kernel, for us to let it go.
record Stopped(Tracer tracer, Tracer.Stop stop) {
  /// Returns 0, or -ENOENT if it has been killed meanwhile.
  int release() {
    return tracer.release(stop) ? 0 : -Errno.ENOENT.number();
  }

  int kill() {
    tracer.kill(stop);
    return 0;
  }
}
