package dev.sluice.supervisor.kernel;

/// Any system call, by its number on this machine: for calls that are made with arguments that
/// somebody else has put together. What pointers lead to is kept alive by the caller.
public final class SystemCall {
  private SystemCall() {}

  /// Returns the result, or -errno.
  public static long make(int nr, long a, long b, long c, long d, long e, long f) {
    return CLibrary.syscall(nr, a, b, c, d, e, f);
  }
}
