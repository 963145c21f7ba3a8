package dev.sluice.supervisor.handler;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Operation;
import dev.sluice.supervisor.target.PathArgument;
import dev.sluice.supervisor.target.Syscalls;
import java.util.Optional;

/// Verdicts from what the kernel returned to us.
public final class Results {
  private static final Optional<Verdict> EINVAL = early(Errno.EINVAL);

  private Results() {}

  /// A result, or -errno.
  public static Verdict of(long result) {
    return result < 0 ? Verdict.Fail.of((int) -result) : Verdict.Return.of(result);
  }

  /// For [Performer#early].
  public static Optional<Verdict> early(Errno errno) {
    return Optional.of(Verdict.Fail.of(errno.number()));
  }

  /// The same: EINVAL if any flags but these are set.
  public static Optional<Verdict> onlyFlags(int allowed, int flags) {
    return (flags & ~allowed) == 0 ? Optional.empty() : EINVAL;
  }

  /// Makes a call about what `path` leads to, that changes nothing, and writes what it put into the
  /// buffer to the caller's memory.
  ///
  /// @param size how many bytes, if it succeeds
  public static Verdict written(
      Call call, PathArgument path, Operation operation, long address, int size) {
    long result = call.syscallsFor(path).make(operation, true);
    if (result >= 0) {
      call.memory().write(address, operation.buffer(size), size);
    }
    return of(result);
  }

  /// The same where the result is how many bytes there are in the buffer.
  public static Verdict filled(Call call, PathArgument path, Operation operation, long address) {
    return filled(call, operation, call.syscallsFor(path).make(operation, true), address);
  }

  /// The same with that result.
  public static Verdict filled(Call call, Operation operation, long result, long address) {
    if (result > 0) {
      int count = (int) result;
      call.memory().write(address, operation.buffer(count), count);
    }
    return of(result);
  }

  /// Makes a call that changes what `path` leads to, once the caller is known to wait for it.
  public static Verdict changed(Call call, PathArgument path, Operation operation) {
    return of(change(call, call.syscallsFor(path), operation));
  }

  /// The same where `other` leads somewhere too.
  public static Verdict changed(
      Call call, PathArgument path, PathArgument other, Operation operation) {
    Syscalls syscalls = call.syscallsFor(path);
    return of(change(call, syscalls.isInline() ? call.syscallsFor(other) : syscalls, operation));
  }

  /// The result, or -errno; that of a signal, should one have ended it.
  public static long change(Call call, Syscalls syscalls, Operation operation) {
    while (true) {
      if (syscalls.isInline()) {
        call.validate(); // a worker's caller is looked for once there is one
      }
      long result = syscalls.make(operation, false);
      if (result != -Errno.EINTR.number() || !call.cancellation().wasInterrupted()) {
        return result;
      }
      int errno = call.task().errnoOfSignal();
      if (errno != 0) {
        return -errno;
      }
      // the signal has been taken back: to call again is to go on waiting
    }
  }
}
