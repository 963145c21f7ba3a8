package dev.sluice.supervisor.handler.modify;

import dev.sluice.supervisor.handler.Numbers;
import dev.sluice.supervisor.handler.Paths;
import dev.sluice.supervisor.handler.Performer;
import dev.sluice.supervisor.handler.Results;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.PathArgument;
import java.util.Optional;
import java.util.Set;

/// symlink, symlinkat: in the very directory the decision was made on. Where the link leads is
/// nobody's business until somebody follows it.
public final class SymlinkHandler implements Performer {
  static final Set<String> CALLS = Set.of("symlink", "symlinkat");

  private static final int SYMLINKAT = Numbers.of("symlinkat");

  @Override
  public String name() {
    return "symlink";
  }

  @Override
  public Set<String> syscalls() {
    return CALLS;
  }

  /// The target is copied first, and like any path must not be empty.
  @Override
  public Optional<Verdict> early(Call call) {
    if (call.arg(0) == 0) {
      return Results.early(Errno.EFAULT);
    }
    return call.string(0).isEmpty() ? Results.early(Errno.ENOENT) : Optional.empty();
  }

  @Override
  public Verdict perform(Call call) {
    PathArgument path = Paths.name(call, 0);
    return Results.changed(
        call,
        path,
        call.operation()
            .begin(SYMLINKAT)
            .text(call.string(0))
            .descriptor(path.parent())
            .string(path.givenName()));
  }
}
