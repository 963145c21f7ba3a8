package dev.sluice.supervisor.handler.mount;

import dev.sluice.supervisor.handler.Context;
import dev.sluice.supervisor.handler.SyscallHandler;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import java.util.Set;

/// fsopen: of the very type that was decided on, as the target.
public final class FsopenHandler implements SyscallHandler {
  private static final int FSOPEN_CLOEXEC = 1;

  @Override
  public String name() {
    return "fsopen";
  }

  @Override
  public Set<String> syscalls() {
    return Set.of("fsopen");
  }

  @Override
  public Verdict handle(Call call, Context context) {
    return verdict(call, open(call));
  }

  /// The context, or -errno; to be closed.
  public static int open(Call call) {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    return call.arg(0) == 0
        ? -Errno.EFAULT.number()
        : call.patientSyscalls().fsopen(call.string(0).toBytes(), call.intArg(1));
  }

  /// What the caller gets.
  ///
  /// @param opened what [#open] returned
  public static Verdict verdict(Call call, int opened) {
    return opened < 0
        ? Verdict.Fail.of(-opened)
        : Verdict.InjectFd.of(opened, (call.intArg(1) & FSOPEN_CLOEXEC) != 0);
  }
}
