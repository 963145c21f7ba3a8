package dev.sluice.supervisor.handler.mount;

import dev.sluice.supervisor.handler.Numbers;
import dev.sluice.supervisor.handler.Paths;
import dev.sluice.supervisor.handler.Performer;
import dev.sluice.supervisor.handler.Results;
import dev.sluice.supervisor.kernel.Mounts;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.PathArgument;
import java.util.Optional;
import java.util.Set;

/// move_mount: from and to the very objects the decision was made on, as the target.
public final class MoveMountHandler implements Performer {
  private static final int MOVE_MOUNT = Numbers.of("move_mount");

  /// Those that are not about paths.
  private static final int MODES = Mounts.MOVE_MOUNT_SET_GROUP | Mounts.MOVE_MOUNT_BENEATH;

  private static final int EMPTY_PATHS =
      Mounts.MOVE_MOUNT_F_EMPTY_PATH | Mounts.MOVE_MOUNT_T_EMPTY_PATH;

  @Override
  public String name() {
    return "move-mount";
  }

  @Override
  public Set<String> syscalls() {
    return Set.of("move_mount");
  }

  @Override
  public Optional<Verdict> early(Call call) {
    var operation = Nowhere.path(Nowhere.path(call.operation().begin(MOVE_MOUNT)));
    return Nowhere.verdict(call, operation.value(call.intArg(4)));
  }

  @Override
  public Verdict perform(Call call) {
    PathArgument source = Paths.changeable(call, 0);
    PathArgument target = Paths.changeable(call, 1);
    int flags = (call.intArg(4) & MODES) | EMPTY_PATHS;
    return Results.of(
        Results.change(
            call,
            call.patientSyscalls(),
            call.operation()
                .begin(MOVE_MOUNT)
                .itself(source.object())
                .itself(target.object())
                .value(flags)));
  }
}
