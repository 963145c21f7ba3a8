package dev.sluice.supervisor.handler.mount;

import dev.sluice.supervisor.handler.Numbers;
import dev.sluice.supervisor.handler.Paths;
import dev.sluice.supervisor.handler.Performer;
import dev.sluice.supervisor.handler.Results;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Mounts;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Call;
import java.util.Optional;
import java.util.Set;

/// open_tree and open_tree_attr, as far as they can be decided by their paths. What they return is
/// an O_PATH descriptor, which the kernel injects none of.
///
/// Without OPEN_TREE_CLONE that is as with open(2): it reads and writes nothing, and what is done
/// through it is decided again. A copy of mounts is what a rule about paths is there to see made of
/// nothing else than it saw: so there is none, and programs take mount(2) with MS_BIND instead.
public final class OpenTreeHandler implements Performer {
  private static final int OPEN_TREE = Numbers.of("open_tree");

  @Override
  public String name() {
    return "open-tree";
  }

  @Override
  public Set<String> syscalls() {
    return Set.of("open_tree", "open_tree_attr");
  }

  @Override
  public Optional<Verdict> early(Call call) {
    if (isCopy(call)) {
      return Results.early(Errno.ENOSYS);
    }
    var operation = Nowhere.path(call.operation().begin(OPEN_TREE));
    return Nowhere.verdict(call, operation.value(Integer.toUnsignedLong(call.intArg(2))));
  }

  @Override
  public Verdict perform(Call call) {
    Paths.existing(call, 0);
    return Verdict.CONTINUE_ON_FLOOR;
  }

  private static boolean isCopy(Call call) {
    return call.name().equals("open_tree_attr") || (call.intArg(2) & Mounts.OPEN_TREE_CLONE) != 0;
  }
}
