package dev.sluice.supervisor.handler.stat;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Operation;

/// A copy of a descriptor of the target's, for a call that does something with what it refers to.
///
/// @param fd ours to close; -1 if the target has no such descriptor, for the kernel to say so in
///   its turn
record TargetDescriptor(int fd) implements AutoCloseable {

  /// Copies the one that a register names. Throws [Abort]: with WOULD_BLOCK on the event loop, as
  /// to close the copy may wait, whatever it is of.
  static TargetDescriptor copy(Call call, int register) {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    int copy = call.task().copyDescriptor(call.intArg(register));
    if (copy < 0 && copy != -Errno.EBADF.number()) {
      throw Abort.errno(-copy);
    }
    return new TargetDescriptor(Math.max(copy, -1));
  }

  /// Begins a call whose first argument it is.
  Operation begin(Call call, int nr) {
    Operation operation = call.operation().begin(nr);
    return fd < 0 ? operation.value(fd) : operation.descriptor(fd);
  }

  @Override
  public void close() {
    if (fd >= 0) {
      Files.close(fd);
    }
  }
}
