package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.syscall.Groups;
import dev.sluice.supervisor.target.Call;
import java.util.Set;

/// There is no such file. Whoever has a descriptor of it already, and asks for nothing but its
/// status, has not looked for it.
final class Hiding implements Emulation {
  private static final Set<String> STATUS = Groups.members("@stat").orElseThrow();
  private static final Verdict NOT_THERE = Verdict.Fail.of(Errno.ENOENT.number());

  /// Whether it does no harm if a call takes place after all, having been exchanged after a look at
  /// it: a working directory is good for nothing but to look for files from there.
  static boolean isEnoughFor(String call) {
    return call.equals("chdir");
  }

  @Override
  public String name() {
    return Action.HIDE;
  }

  @Override
  public boolean isOfFiles() {
    return true;
  }

  @Override
  public boolean remembers() {
    return false;
  }

  @Override
  public Verdict perform(Call call) {
    return STATUS.contains(call.name()) && call.copiedPath(0).isDescriptor()
        ? Verdict.CONTINUE
        : NOT_THERE;
  }
}
