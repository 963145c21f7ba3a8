package dev.sluice.supervisor.kernel;

/// What the calling thread used in its last call that was watched: getrusage(2) with RUSAGE_THREAD.
public final class ThreadUsage {
  static final int SIZEOF_RUSAGE = 144;

  /// Offset in `struct rusage`.
  private static final int NVCSW = 128;

  private ThreadUsage() {}

  /// How often it waited for something; not counted is whether others had its processor. Allocates
  /// nothing.
  public static long waits() {
    NativeBytes usage = Scratch.ofThread().usage;
    return usage.getLong(SIZEOF_RUSAGE + NVCSW) - usage.getLong(NVCSW);
  }
}
