package dev.sluice.supervisor.policy;

/// What becomes of a call. Those that are needed again and again exist beforehand, so that a
/// decision allocates nothing.
public sealed interface Verdict {

  /// The call takes place. If anything but registers was looked at to decide that, the supervisor
  /// performs it, since what was looked at could be exchanged before the kernel looks again.
  record Continue() implements Verdict {}

  /// The kernel executes the call although it was decided by what may have changed since: `unsafe:
  /// continue`.
  record ContinueUnsafely() implements Verdict {}

  /// The kernel executes the call, whatever its memory holds by then, since nothing it can become
  /// is worth denying.
  record ContinueOnFloor() implements Verdict {}

  /// The kernel executes the call, and the caller is stopped before it goes on: what the kernel has
  /// executed is decided on again, and a process that must not execute it is killed.
  record ContinueWatched() implements Verdict {}

  /// The call does not take place and its result is `value`.
  record Return(long value) implements Verdict {
    private static final Return[] SMALL = new Return[256];

    static {
      for (int i = 0; i < SMALL.length; i++) {
        SMALL[i] = new Return(i);
      }
    }

    public static Return of(long value) {
      return value >= 0 && value < SMALL.length ? SMALL[(int) value] : new Return(value);
    }
  }

  /// The call fails with `errno`, a positive number.
  record Fail(int errno) implements Verdict {
    private static final Fail[] KNOWN = new Fail[160];

    static {
      for (int i = 0; i < KNOWN.length; i++) {
        KNOWN[i] = new Fail(i);
      }
    }

    public static Fail of(int errno) {
      return errno >= 0 && errno < KNOWN.length ? KNOWN[errno] : new Fail(errno);
    }
  }

  /// The target receives a copy of our descriptor `fd`, and its number there is the result. Ours is
  /// closed afterwards.
  ///
  /// @param readOnly whether `fd` was opened for nothing but reading. If so, it does not matter
  ///   whether the target goes on before our copy is closed, and the answer takes one system call
  ///   less.
  record InjectFd(int fd, boolean closeOnExec, boolean readOnly) implements Verdict {
    private static final InjectFd[] SMALL = new InjectFd[4096];

    static {
      for (int i = 0; i < SMALL.length; i++) {
        SMALL[i] = new InjectFd(i >> 2, (i & 2) != 0, (i & 1) != 0);
      }
    }

    /// Of a descriptor that may be written to. It is closed once it is given.
    public static InjectFd of(int fd, boolean closeOnExec) {
      return of(fd, closeOnExec, false);
    }

    public static InjectFd of(int fd, boolean closeOnExec, boolean readOnly) {
      int index = fd << 2 | (closeOnExec ? 2 : 0) | (readOnly ? 1 : 0);
      return index >= 0 && index < SMALL.length
          ? SMALL[index]
          : new InjectFd(fd, closeOnExec, readOnly);
    }
  }

  /// Another decides, or does something in the call's place.
  record Emulate(Emulation emulation) implements Verdict {}

  /// The process that calls is killed.
  record Kill() implements Verdict {}

  Verdict CONTINUE = new Continue();
  Verdict CONTINUE_UNSAFELY = new ContinueUnsafely();
  Verdict CONTINUE_ON_FLOOR = new ContinueOnFloor();
  Verdict CONTINUE_WATCHED = new ContinueWatched();
  Verdict KILL = new Kill();
}
