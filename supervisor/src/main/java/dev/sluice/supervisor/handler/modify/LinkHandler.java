package dev.sluice.supervisor.handler.modify;

import dev.sluice.supervisor.handler.Numbers;
import dev.sluice.supervisor.handler.Paths;
import dev.sluice.supervisor.handler.Performer;
import dev.sluice.supervisor.handler.Results;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.PathArgument;
import java.util.Optional;
import java.util.Set;

/// link, linkat: gives the very object the decision was made on another name.
public final class LinkHandler implements Performer {
  static final Set<String> CALLS = Set.of("link", "linkat");

  private static final int LINKAT = Numbers.of("linkat");
  private static final int FLAGS = OpenFlags.AT_SYMLINK_FOLLOW | OpenFlags.AT_EMPTY_PATH;

  @Override
  public String name() {
    return "link";
  }

  @Override
  public Set<String> syscalls() {
    return CALLS;
  }

  /// Of two errors, that of the object comes before that of its new name.
  @Override
  public Optional<Verdict> early(Call call) {
    var wrong = Results.onlyFlags(FLAGS, call.name().equals("linkat") ? call.intArg(4) : 0);
    if (wrong.isEmpty()) {
      try {
        var _ = call.path(1);
      } catch (Abort abort) {
        if (abort.errno() != 0) {
          Paths.existing(call, 0);
        }
        throw abort;
      }
    }
    return wrong;
  }

  @Override
  public Verdict perform(Call call) {
    PathArgument old = Paths.changeable(call, 0);
    PathArgument name = Paths.name(call, 1);
    return Results.changed(
        call,
        old,
        name,
        call.operation()
            .begin(LINKAT)
            .value(OpenFlags.AT_FDCWD)
            .pathOf(old.object())
            .descriptor(name.parent())
            .string(name.givenName())
            .value(OpenFlags.AT_SYMLINK_FOLLOW));
  }
}
