package dev.sluice.supervisor.kernel;

import java.util.concurrent.TimeUnit;

/// What the calling thread has used so far: getrusage(2) with RUSAGE_THREAD.
public final class ThreadUsage {
  static final int SIZEOF_RUSAGE = 144;
  private static final int RUSAGE_THREAD = 1;

  /// Offsets in `struct rusage`: two times of seconds and microseconds, and a count.
  private static final int UTIME = 0;

  private static final int STIME = 16;
  private static final int NVCSW = 128;

  private long nanos;
  private long waits;

  /// Looks at it now. Allocates nothing.
  public void read() {
    NativeBytes usage = Scratch.ofThread().usage;
    CLibrary.keep(CLibrary.syscall(SyscallNumber.GETRUSAGE, RUSAGE_THREAD, usage.address()), usage);
    nanos = time(usage, UTIME) + time(usage, STIME);
    waits = usage.getLong(NVCSW);
  }

  private static long time(NativeBytes usage, int offset) {
    return TimeUnit.SECONDS.toNanos(usage.getLong(offset))
        + TimeUnit.MICROSECONDS.toNanos(usage.getLong(offset + (long) Long.BYTES));
  }

  /// How long it has run.
  public long nanos() {
    return nanos;
  }

  /// How often it has waited for something; not counted is whether others had its processor.
  public long waits() {
    return waits;
  }
}
