package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Errno;

/// Ends the work on a call from wherever it is. All instances exist beforehand and have no stack
/// trace, as they are thrown on the path between RECV and SEND.
@SuppressWarnings("StaticAssignmentOfThrowable") // without stack traces they can be shared
public final class Abort extends RuntimeException {
  private static final long serialVersionUID = 1;

  /// The target was killed or interrupted: there is nobody to answer.
  public static final Abort GONE = new Abort("the caller is gone", 0);

  /// The call may block: begin again on a worker.
  public static final Abort WOULD_BLOCK = new Abort("this may block", 0);

  /// What was decided on has changed meanwhile: decide again.
  public static final Abort CHANGED = new Abort("what was decided on has changed", 0);

  private static final Abort[] ERRNOS = new Abort[Errno.MAX_ERRNO + 1];

  static {
    for (Errno errno : Errno.values()) {
      ERRNOS[errno.number()] = new Abort(errno.name(), errno.number());
    }
  }

  private final int errno;

  private Abort(String message, int errno) {
    super(message, null, false, false);
    this.errno = errno;
  }

  /// The call fails as it would have failed in the kernel.
  public static Abort errno(Errno errno) {
    return errno(errno.number());
  }

  /// The same by number, a positive one.
  public static Abort errno(int errno) {
    Abort abort = errno > 0 && errno < ERRNOS.length ? ERRNOS[errno] : null;
    return abort != null ? abort : new Abort(Errno.nameOf(errno), errno);
  }

  /// The errno to answer with; 0 for [#GONE], [#WOULD_BLOCK] and [#CHANGED].
  public int errno() {
    return errno;
  }

  /// Returns `result` if it is one, and throws if it is a negative errno.
  public static int check(int result) {
    if (result < 0) {
      throw errno(-result);
    }
    return result;
  }
}
