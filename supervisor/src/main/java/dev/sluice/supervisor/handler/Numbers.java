package dev.sluice.supervisor.handler;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.SystemCall;
import dev.sluice.supervisor.syscall.Arch;

/// The numbers of system calls on this machine.
public final class Numbers {
  private Numbers() {}

  /// Throws if this machine has no such call.
  public static int of(String syscall) {
    return Arch.host().number(syscall).orElseThrow();
  }

  /// Whether the running kernel knows a call, which it is asked for with arguments that are all
  /// wrong.
  public static boolean isKnownToKernel(String syscall) {
    long result = SystemCall.make(of(syscall), -1, 0, -1, -1, -1, -1);
    return result != -Errno.ENOSYS.number();
  }
}
