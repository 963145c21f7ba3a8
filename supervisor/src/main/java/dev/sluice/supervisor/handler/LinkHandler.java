package dev.sluice.supervisor.handler;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.PathArgument;
import java.util.Set;

/// link, linkat: gives the very object the decision was made on another name.
public final class LinkHandler implements SyscallHandler {
  static final Set<String> CALLS = Set.of("link", "linkat");

  private static final int FLAGS = OpenFlags.AT_SYMLINK_FOLLOW | OpenFlags.AT_EMPTY_PATH;

  @Override
  public String name() {
    return "link";
  }

  @Override
  public Set<String> syscalls() {
    return CALLS;
  }

  @Override
  public Verdict handle(Call call, Context context) {
    if (call.name().equals("linkat") && (call.intArg(4) & ~FLAGS) != 0) {
      return Verdict.Fail.of(Errno.EINVAL.number());
    }
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    PathArgument old = call.path(0);
    if (old.object() < 0) {
      return Verdict.Fail.of(Errno.ENOENT.number());
    }
    PathArgument name = call.path(1);
    call.validate();
    return Results.of(call.syscalls().link(old.object(), name.parent(), name.name()));
  }
}
