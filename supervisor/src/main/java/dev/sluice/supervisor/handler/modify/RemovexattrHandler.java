package dev.sluice.supervisor.handler.modify;

import dev.sluice.supervisor.handler.Numbers;
import dev.sluice.supervisor.handler.Paths;
import dev.sluice.supervisor.handler.Performer;
import dev.sluice.supervisor.handler.Results;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.PathArgument;
import java.util.Optional;
import java.util.Set;

/// removexattr, lremovexattr, removexattrat: of the very object the decision was made on.
public final class RemovexattrHandler implements Performer {
  static final Set<String> CALLS = Set.of("removexattr", "lremovexattr", "removexattrat");

  private static final int REMOVEXATTR = Numbers.of("removexattr");
  private static final int AT_FLAGS = OpenFlags.AT_SYMLINK_NOFOLLOW | OpenFlags.AT_EMPTY_PATH;

  /// 6.13
  private static final boolean HAS_REMOVEXATTRAT = Numbers.isKnownToKernel("removexattrat");

  @Override
  public String name() {
    return "removexattr";
  }

  @Override
  public Set<String> syscalls() {
    return CALLS;
  }

  @Override
  public Optional<Verdict> early(Call call) {
    if (isAt(call) && !HAS_REMOVEXATTRAT) {
      throw Abort.errno(Errno.ENOSYS);
    }
    if (isAt(call) && (call.intArg(2) & ~AT_FLAGS) != 0) {
      throw Abort.errno(Errno.EINVAL);
    }
    call.xattrName(isAt(call) ? 3 : 1);
    return Optional.empty();
  }

  @Override
  public Verdict perform(Call call) {
    PathArgument path = isAt(call) ? Paths.changeableFile(call, 0) : Paths.changeable(call, 0);
    if (path.isDescriptor() && call.intArg(0) == OpenFlags.AT_FDCWD) {
      // unlike other calls, it does not take the working directory for a descriptor
      throw Abort.errno(Errno.EBADF);
    }
    return Results.changed(
        call,
        path,
        call.operation()
            .begin(REMOVEXATTR)
            .pathOf(path.object())
            .text(call.xattrName(isAt(call) ? 3 : 1)));
  }

  private static boolean isAt(Call call) {
    return call.name().equals("removexattrat");
  }
}
