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

  private long began;
  private long waits;
  private boolean looks;
  private long suspectUntil;

  /// Also read by workers.
  private volatile long workersUntil;

  OpenDelays(long now) {
    began = now;
    suspectUntil = now;
    workersUntil = now;
  }

  /// Whether opens are to be made by workers at `now`.
  boolean areLong(long now) {
    return now - workersUntil < 0;
  }

  /// An open begins; on the event loop.
  void begin(long now) {
    began = now;
    looks = now - suspectUntil < 0;
    if (looks) {
      waits = ThreadUsage.waits();
    }
  }

  /// It is over.
  void end(long now) {
    if (now - began <= SLOW_NANOS) {
      return;
    }
    if (looks && ThreadUsage.waits() != waits) {
      workersUntil = now + PENANCE_NANOS;
    }
    suspectUntil = now + SUSPICION_NANOS;
  }
}
