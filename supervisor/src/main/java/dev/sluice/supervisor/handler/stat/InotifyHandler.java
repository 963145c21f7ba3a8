package dev.sluice.supervisor.handler.stat;

import dev.sluice.supervisor.handler.Context;
import dev.sluice.supervisor.handler.Numbers;
import dev.sluice.supervisor.handler.Paths;
import dev.sluice.supervisor.handler.Performer;
import dev.sluice.supervisor.handler.Results;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Operation;
import dev.sluice.supervisor.target.PathArgument;
import java.util.Optional;
import java.util.Set;

/// inotify_add_watch: watches the very object the decision was made on, with the target's own
/// inotify(7) instance.
public final class InotifyHandler implements Performer {
  static final Set<String> CALLS = Set.of("inotify_add_watch");

  private static final int INOTIFY_ADD_WATCH = Numbers.of("inotify_add_watch");

  /// The object has been found already, and is the link itself if that was asked for.
  private static final int IN_DONT_FOLLOW = 0x02000000;

  @Override
  public String name() {
    return "inotify_add_watch";
  }

  @Override
  public Set<String> syscalls() {
    return CALLS;
  }

  @Override
  public Optional<Verdict> early(Call call) {
    try (var inotify = TargetDescriptor.copy(call, 0)) {
      check(call, inotify);
      return Optional.empty();
    }
  }

  @Override
  public Verdict handle(Call call, Context context) {
    return perform(call);
  }

  @Override
  public Verdict perform(Call call) {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    try (var inotify = TargetDescriptor.copy(call, 0)) {
      check(call, inotify);
      PathArgument path = Paths.existing(call, 0);
      return Results.changed(
          call,
          path,
          inotify
              .begin(call, INOTIFY_ADD_WATCH)
              .pathOf(path.object())
              .value(call.intArg(2) & ~IN_DONT_FOLLOW));
    }
  }

  /// The mask and the descriptor come before the path. Throws [Abort].
  private static void check(Call call, TargetDescriptor inotify) {
    Operation operation =
        inotify.begin(call, INOTIFY_ADD_WATCH).input(Judgement.EMPTY, 1).value(call.intArg(2));
    Judgement.accept(call.syscalls().make(operation, true));
  }
}
