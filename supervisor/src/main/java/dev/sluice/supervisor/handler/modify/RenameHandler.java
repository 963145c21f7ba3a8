package dev.sluice.supervisor.handler.modify;

import dev.sluice.supervisor.handler.Numbers;
import dev.sluice.supervisor.handler.Paths;
import dev.sluice.supervisor.handler.Performer;
import dev.sluice.supervisor.handler.Results;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.PathArgument;
import java.util.Optional;
import java.util.Set;

/// rename, renameat, renameat2: in the very directories the decision was made on.
public final class RenameHandler implements Performer {
  static final Set<String> CALLS = Set.of("rename", "renameat", "renameat2");

  private static final int RENAMEAT2 = Numbers.of("renameat2");

  /// linux/fs.h
  private static final int RENAME_NOREPLACE = 1;

  private static final int RENAME_EXCHANGE = 2;
  private static final int RENAME_WHITEOUT = 4;

  @Override
  public String name() {
    return "rename";
  }

  @Override
  public Set<String> syscalls() {
    return CALLS;
  }

  /// The old name is looked for before the new one is.
  @Override
  public Optional<Verdict> early(Call call) {
    int flags = flags(call);
    boolean exchange = (flags & RENAME_EXCHANGE) != 0;
    var wrong =
        Results.onlyFlags(exchange ? RENAME_EXCHANGE : RENAME_NOREPLACE | RENAME_WHITEOUT, flags);
    if (wrong.isEmpty()) {
      call.path(0);
    }
    return wrong;
  }

  @Override
  public Verdict perform(Call call) {
    PathArgument old = Paths.name(call, 0);
    PathArgument name = Paths.name(call, 1);
    return Results.changed(
        call,
        old,
        name,
        call.operation()
            .begin(RENAMEAT2)
            .descriptor(old.parent())
            .string(old.givenName())
            .descriptor(name.parent())
            .string(name.givenName())
            .value(flags(call)));
  }

  private static int flags(Call call) {
    return call.name().equals("renameat2") ? call.intArg(4) : 0;
  }
}
