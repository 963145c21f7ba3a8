package dev.sluice.supervisor.kernel;

/// What the calling thread has used so far: getrusage(2) with RUSAGE_THREAD.
public final class ThreadUsage {
  static final int SIZEOF_RUSAGE = 144;
  private static final int RUSAGE_THREAD = 1;

  /// Offset in `struct rusage`.
  private static final int NVCSW = 128;

  private ThreadUsage() {}

  /// How often it has waited for something; not counted is whether others had its processor.
  /// Allocates nothing.
  public static long waits() {
    NativeBytes usage = Scratch.ofThread().usage;
    CLibrary.keep(CLibrary.syscall(SyscallNumber.GETRUSAGE, RUSAGE_THREAD, usage.address()), usage);
    return usage.getLong(NVCSW);
  }
}
