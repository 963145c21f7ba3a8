package dev.sluice.supervisor.handler.modify;

import dev.sluice.supervisor.handler.Numbers;
import dev.sluice.supervisor.handler.Paths;
import dev.sluice.supervisor.handler.Performer;
import dev.sluice.supervisor.handler.Results;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.PathArgument;
import java.util.Optional;
import java.util.Set;

/// chmod, fchmodat, fchmodat2: the mode of the very object the decision was made on.
public final class ChmodHandler implements Performer {
  static final Set<String> CALLS = Set.of("chmod", "fchmodat", "fchmodat2");

  private static final int FCHMODAT = Numbers.of("fchmodat");
  private static final int FLAGS = OpenFlags.AT_SYMLINK_NOFOLLOW | OpenFlags.AT_EMPTY_PATH;

  /// 6.6
  private static final boolean HAS_FCHMODAT2 = Numbers.isKnownToKernel("fchmodat2");

  @Override
  public String name() {
    return "chmod";
  }

  @Override
  public Set<String> syscalls() {
    return CALLS;
  }

  @Override
  public Optional<Verdict> early(Call call) {
    if (!call.name().equals("fchmodat2")) {
      return Optional.empty();
    }
    return HAS_FCHMODAT2 ? Results.onlyFlags(FLAGS, call.intArg(3)) : Results.early(Errno.ENOSYS);
  }

  @Override
  public Verdict perform(Call call) {
    PathArgument path = Paths.changeable(call, 0);
    int mode = call.intArg(call.name().equals("chmod") ? 1 : 2);
    return Results.changed(
        call,
        path,
        call.operation()
            .begin(FCHMODAT)
            .value(OpenFlags.AT_FDCWD)
            .pathOf(path.object())
            .value(mode));
  }
}
