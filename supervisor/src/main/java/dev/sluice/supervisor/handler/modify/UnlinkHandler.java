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

/// unlink, unlinkat, rmdir: in the very directory the decision was made on.
public final class UnlinkHandler implements Performer {
  static final Set<String> CALLS = Set.of("unlink", "unlinkat", "rmdir");

  private static final int UNLINKAT = Numbers.of("unlinkat");
  private static final int AT_REMOVEDIR = 0x200;

  @Override
  public String name() {
    return "unlink";
  }

  @Override
  public Set<String> syscalls() {
    return CALLS;
  }

  @Override
  public Optional<Verdict> early(Call call) {
    return Results.onlyFlags(AT_REMOVEDIR, flags(call));
  }

  @Override
  public Verdict perform(Call call) {
    PathArgument path = Paths.name(call, 0);
    return Results.changed(
        call,
        path,
        call.operation()
            .begin(UNLINKAT)
            .descriptor(path.parent())
            .string(path.givenName())
            .value(flags(call)));
  }

  private static int flags(Call call) {
    return switch (call.name()) {
      case "rmdir" -> AT_REMOVEDIR;
      case "unlinkat" -> call.intArg(2);
      default -> 0;
    };
  }
}
