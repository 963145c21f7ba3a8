package dev.sluice.supervisor.handler;

import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.PathArgument;
import java.util.Set;

/// rename, renameat, renameat2: in the very directories the decision was made on.
public final class RenameHandler implements SyscallHandler {
  static final Set<String> CALLS = Set.of("rename", "renameat", "renameat2");

  @Override
  public String name() {
    return "rename";
  }

  @Override
  public Set<String> syscalls() {
    return CALLS;
  }

  @Override
  public Verdict handle(Call call, Context context) {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    PathArgument old = call.path(0);
    PathArgument name = call.path(1);
    int flags = call.name().equals("renameat2") ? call.intArg(4) : 0;
    call.validate();
    return Results.of(
        call.syscalls().rename(old.parent(), old.name(), name.parent(), name.name(), flags));
  }
}
