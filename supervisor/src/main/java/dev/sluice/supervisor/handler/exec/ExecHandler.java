package dev.sluice.supervisor.handler.exec;

import dev.sluice.supervisor.handler.Performer;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import java.util.Optional;
import java.util.Set;

/// execve, execveat: only the kernel can execute a program for another process. It does, and before
/// the program's first instruction the supervisor looks at what it has executed.
public final class ExecHandler implements Performer {
  static final Set<String> CALLS = Set.of("execve", "execveat");

  /// 6.14
  private static final int AT_EXECVE_CHECK = 0x10000;

  private static final int FLAGS =
      OpenFlags.AT_SYMLINK_NOFOLLOW | OpenFlags.AT_EMPTY_PATH | AT_EXECVE_CHECK;

  @Override
  public String name() {
    return "exec";
  }

  @Override
  public Set<String> syscalls() {
    return CALLS;
  }

  @Override
  public Optional<Verdict> early(Call call) {
    boolean wrong = call.name().equals("execveat") && (call.intArg(4) & ~FLAGS) != 0;
    return wrong ? Optional.of(Verdict.Fail.of(Errno.EINVAL.number())) : Optional.empty();
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
