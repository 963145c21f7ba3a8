package dev.sluice.supervisor.handler.mount;

import dev.sluice.supervisor.handler.Results;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Operation;
import java.util.Optional;

/// Calls that lead nowhere: made to learn what the kernel finds wrong with a call before it looks
/// at its paths. If that is nothing, they fail with EBADF.
final class Nowhere {
  private static final NativeBytes NAME = NativeBytes.ofString("name");
  private static final int NO_DESCRIPTOR = -1;

  private Nowhere() {}

  /// Adds a directory descriptor that is none, and a path.
  static Operation path(Operation operation) {
    return operation.value(NO_DESCRIPTOR).string(NAME);
  }

  /// What the target's call ends with, if `operation` says so.
  static Optional<Verdict> verdict(Call call, Operation operation) {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    return verdict(call.patientSyscalls().make(operation, true));
  }

  /// The same for its result.
  static Optional<Verdict> verdict(long result) {
    return result == -Errno.EBADF.number() ? Optional.empty() : Optional.of(Results.of(result));
  }
}
