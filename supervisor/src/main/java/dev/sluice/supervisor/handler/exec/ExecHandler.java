package dev.sluice.supervisor.handler.exec;

import dev.sluice.supervisor.handler.Performer;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Executable;
import java.util.Optional;
import java.util.Set;

/// execve, execveat: only the kernel can execute a program for another process. It does, and before
/// the program's first instruction the supervisor looks at what it has executed.
public final class ExecHandler implements Performer {
  static final Set<String> CALLS = Set.of("execve", "execveat");

  private static final int FLAGS =
      OpenFlags.AT_SYMLINK_NOFOLLOW | OpenFlags.AT_EMPTY_PATH | Executable.AT_EXECVE_CHECK;

  @Override
  public String name() {
    return "exec";
  }

  @Override
  public Set<String> syscalls() {
    return CALLS;
  }

  /// The kernel looks at the flags when it has copied the path, and before it looks for the file.
  @Override
  public Optional<Verdict> early(Call call) {
    int flags = call.name().equals("execveat") ? call.intArg(4) : 0;
    if ((flags & ~FLAGS) == 0) {
      return Optional.empty();
    }
    boolean isNowhere = call.copiedPath(0).isDescriptor() && (flags & OpenFlags.AT_EMPTY_PATH) == 0;
    Errno errno = isNowhere ? Errno.ENOENT : Errno.EINVAL;
    return Optional.of(Verdict.Fail.of(errno.number()));
  }

  @Override
  public Verdict perform(Call call) {
    if (call.executable().file().object() < 0) {
      return Verdict.Fail.of(Errno.ENOENT.number()); // as a shell learns again and again from PATH
    }
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    return Verdict.CONTINUE_WATCHED;
  }
}
