package dev.sluice.supervisor.handler.stat;

import dev.sluice.supervisor.handler.Context;
import dev.sluice.supervisor.handler.Numbers;
import dev.sluice.supervisor.handler.Paths;
import dev.sluice.supervisor.handler.Performer;
import dev.sluice.supervisor.handler.Results;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Filesystems;
import dev.sluice.supervisor.target.Operation;
import dev.sluice.supervisor.target.PathArgument;
import java.util.Optional;
import java.util.Set;

/// access, faccessat, faccessat2: what may be done with the very object the decision was made on.
/// Whoever makes the call has the real ids of the target already, unless AT_EACCESS says otherwise
/// ([Call#identity]).
public final class AccessHandler implements Performer {
  public static final Set<String> CALLS = Set.of("access", "faccessat", "faccessat2");

  private static final int FACCESSAT2 = Numbers.of("faccessat2");
  private static final int AT_EACCESS = 0x200;
  private static final int FLAGS =
      AT_EACCESS | OpenFlags.AT_SYMLINK_NOFOLLOW | OpenFlags.AT_EMPTY_PATH;

  /// R_OK, W_OK, X_OK
  private static final int MODES = 7;

  @Override
  public String name() {
    return "access";
  }

  @Override
  public Set<String> syscalls() {
    return CALLS;
  }

  @Override
  public Optional<Verdict> early(Call call) {
    check(call);
    return Optional.empty();
  }

  @Override
  public Verdict handle(Call call, Context context) {
    check(call);
    return perform(call);
  }

  @Override
  public Verdict perform(Call call) {
    PathArgument path = Paths.existing(call, 0);
    Operation operation =
        call.operation()
            .begin(FACCESSAT2)
            .itself(path.object())
            .value(mode(call))
            .value(AT_EACCESS | OpenFlags.AT_EMPTY_PATH);
    long result = call.syscallsFor(path).make(operation, true);
    if (result == -Errno.EACCES.number() && path.filesystem(call) == Filesystems.Kind.PROC) {
      if (!call.mayBlock()) {
        throw Abort.WOULD_BLOCK; // what follows allocates
      }
      boolean hasMode = (mode(call) & ~path.stat().mode()) == 0; // the same for everybody
      result = path.isOwnAndOpen(call) || (hasMode && path.isOwnFacts(call)) ? 0 : result;
    }
    return Results.of(result);
  }

  /// Throws [dev.sluice.supervisor.target.Abort].
  private static void check(Call call) {
    int flags = call.name().equals("faccessat2") ? call.intArg(3) : 0;
    if ((mode(call) & ~MODES) != 0 || (flags & ~FLAGS) != 0) {
      int judged = flags & ~OpenFlags.AT_EMPTY_PATH;
      Judgement.ask(FACCESSAT2, OpenFlags.AT_FDCWD, mode(call), judged, 0);
    }
  }

  private static int mode(Call call) {
    return call.intArg(call.name().equals("access") ? 1 : 2);
  }
}
