package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.kernel.Processes;
import dev.sluice.supervisor.kernel.SeccompNotif;
import dev.sluice.supervisor.kernel.Signals;
import java.util.concurrent.atomic.AtomicBoolean;

/// Receives the calls of a notify fd of which its giver may have kept a copy. Where the giver takes
/// a call that the event loop has just seen, RECV waits for the next, which may never come (6.18),
/// and every other listener with it. So it is interrupted before long.
///
/// That costs two system calls each time, and every 10 ms, while there are calls, a look from
/// another thread, to ask for which takes an allocation and a lock.
final class SharedReceive {
  private static final long LOOK_MILLIS = 10;

  /// What is received while nothing is.
  private static final long NONE = 0;

  /// What asks the kernel, and may wait.
  interface Receive {
    /// Returns -errno on error: -EINTR for a signal.
    int receive(int fd, SeccompNotif notif);
  }

  private final Workers workers;
  private final int pid = Processes.getpid();
  private final int tid;
  private final Receive receive;
  private final Runnable look = this::look;
  private final AtomicBoolean looking = new AtomicBoolean();
  private volatile long current = NONE;
  private long count;

  /// Of whoever looks.
  private long seen = NONE;

  /// @param tid the thread that receives, which blocks SIGURG
  SharedReceive(Workers workers, int tid, Receive receive) {
    this.workers = workers;
    this.tid = tid;
    this.receive = receive;
    Signals.interruptByUrgent();
  }

  /// Returns -EINTR if somebody else has taken the call.
  int receive(int fd, SeccompNotif notif) {
    current = ++count;
    lookLater();
    Signals.unblockUrgent();
    try {
      return receive.receive(fd, notif);
    } finally {
      Signals.blockUrgent();
      current = NONE;
    }
  }

  private void lookLater() {
    if (looking.compareAndSet(false, true) && !workers.watch(look, LOOK_MILLIS)) {
      looking.set(false); // the next call tries again
    }
  }

  /// A signal that comes too late is kept until the next call, and does nothing before that waits.
  private void look() {
    long now = current;
    if (now != NONE && now == seen) {
      Processes.tgkill(pid, tid, Signals.SIGURG);
    }
    seen = now;
    looking.set(false);
    if (current != NONE) {
      lookLater();
    }
  }
}
