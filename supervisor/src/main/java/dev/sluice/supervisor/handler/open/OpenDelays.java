package dev.sluice.supervisor.handler.open;

import java.util.concurrent.TimeUnit;

/// Whether opens on the event loop keep it waiting, although the file system is on this machine:
/// for a program that is asked about each (fanotify(7) with FAN_OPEN_PERM), or as the kernel reads
/// the file first (IMA). Then they are left to workers for a while, longer each time.
///
/// A slow open need not mean that: others may just have had the processor, those of another virtual
/// machine, too, which counts as its own time, or the JVM had all its threads wait. So after the
/// first one the next are watched, whether they wait in the kernel, which costs two system calls
/// each.
final class OpenDelays {
  private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long SUSPICION_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long FIRST_PENANCE_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long MAX_PENANCE_NANOS = TimeUnit.SECONDS.toNanos(16);

  // each event loop has its own thread, and all of them write these
  private volatile long suspectUntil;
  private volatile long workersUntil;
  private volatile long penance = FIRST_PENANCE_NANOS;

  OpenDelays(long now) {
    suspectUntil = now;
    workersUntil = now;
  }

  /// Whether opens are to be made by workers at `now`.
  boolean areLong(long now) {
    return now - workersUntil < 0;
  }

  /// Whether an open that begins at `now` is to be watched.
  boolean areSuspected(long now) {
    return now - suspectUntil < 0;
  }

  /// One is over that was not watched.
  void took(long began, long now) {
    if (now - began > SLOW_NANOS) {
      penance = FIRST_PENANCE_NANOS;
      suspectUntil = now + SUSPICION_NANOS;
    }
  }

  /// One is over that was watched, and waited `waits` times.
  void tookWatched(long began, long now, long waits) {
    if (now - began <= SLOW_NANOS) {
      return;
    }
    long until = now;
    if (waits > 0) {
      until += penance;
      workersUntil = until;
      penance = Math.min(2 * penance, MAX_PENANCE_NANOS);
    }
    suspectUntil = until + SUSPICION_NANOS;
  }
}
