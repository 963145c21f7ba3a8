package dev.sluice.supervisor.kernel;

/// A system call that failed where it must not, in words: `openat2 "/etc/x": EACCES`.
public final class SyscallException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int errno;

  public SyscallException(String call, String object, int errno) {
    super(
        object.isEmpty()
            ? call + ": " + Errno.nameOf(errno)
            : call + " \"" + object + "\": " + Errno.nameOf(errno));
    this.errno = errno;
  }

  /// The same, and what that means here.
  public SyscallException(String call, String object, int errno, String meaning) {
    super(call + " \"" + object + "\": " + Errno.nameOf(errno) + ": " + meaning);
    this.errno = errno;
  }

  public int errno() {
    return errno;
  }

  /// Returns `result` if it is one, and throws if it is a negative errno.
  public static long check(long result, String call, Object object) {
    if (result < 0) {
      throw new SyscallException(call, object.toString(), (int) -result);
    }
    return result;
  }

  public static int checkInt(long result, String call, Object object) {
    return (int) check(result, call, object);
  }
}
