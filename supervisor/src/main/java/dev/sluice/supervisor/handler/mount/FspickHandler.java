package dev.sluice.supervisor.handler.mount;

import dev.sluice.supervisor.handler.Numbers;
import dev.sluice.supervisor.handler.Paths;
import dev.sluice.supervisor.handler.Performer;
import dev.sluice.supervisor.kernel.Mounts;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.PathArgument;
import java.util.Optional;
import java.util.Set;

/// fspick: of the very mount the decision was made on, as the target.
public final class FspickHandler implements Performer {
  private static final int FSPICK = Numbers.of("fspick");

  @Override
  public String name() {
    return "fspick";
  }

  @Override
  public Set<String> syscalls() {
    return Set.of("fspick");
  }

  @Override
  public Optional<Verdict> early(Call call) {
    return Nowhere.verdict(
        call, Nowhere.path(call.operation().begin(FSPICK)).value(call.intArg(2)));
  }

  @Override
  public Verdict perform(Call call) {
    PathArgument path = Paths.changeable(call, 0);
    int flags = call.intArg(2);
    int ours = flags | Mounts.FSPICK_EMPTY_PATH | Mounts.FSPICK_CLOEXEC;
    int context =
        call.patientSyscalls()
            .open(call.operation().begin(FSPICK).itself(path.object()).value(ours));
    return context < 0
        ? Verdict.Fail.of(-context)
        : Verdict.InjectFd.of(context, (flags & Mounts.FSPICK_CLOEXEC) != 0);
  }
}
