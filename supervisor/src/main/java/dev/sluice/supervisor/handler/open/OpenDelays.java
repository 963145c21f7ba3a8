package dev.sluice.supervisor.handler.open;

import dev.sluice.supervisor.kernel.ThreadUsage;
import java.util.concurrent.TimeUnit;

/// Whether opens on the event loop keep it waiting, although the file system is on this machine:
/// for a program that is asked about each (fanotify(7) with FAN_OPEN_PERM), or as the kernel reads
/// the file first (IMA). Then they are left to workers for a while.
///
/// A slow open need not mean that: others may just have had the processor, those of another virtual
/// machine, too, which counts as its own time. So after the first one the next are looked at more
/// closely, whether they wait, which costs two system calls each.
final class OpenDelays {
  private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long SUSPICION_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long PENANCE_NANOS = TimeUnit.SECONDS.toNanos(10);

  /// What [#begin] says where it is not looked how often the thread waits.
  private static final long UNSEEN = -1;

  // each event loop has its own thread, and all of them write these
  private volatile long suspectUntil;
  private volatile long workersUntil;

  OpenDelays(long now) {
    suspectUntil = now;
    workersUntil = now;
  }

  /// Whether opens are to be made by workers at `now`.
  boolean areLong(long now) {
    return now - workersUntil < 0;
  }

  /// An open begins; on the event loop. Returns what [#end] is told.
  long begin(long now) {
    return now - suspectUntil < 0 ? ThreadUsage.waits() : UNSEEN;
  }

  /// It is over, on the same thread.
  void end(long began, long waits, long now) {
    if (now - began <= SLOW_NANOS) {
      return;
    }
    if (waits != UNSEEN && ThreadUsage.waits() != waits) {
      workersUntil = now + PENANCE_NANOS;
    }
    suspectUntil = now + SUSPICION_NANOS;
  }
}
