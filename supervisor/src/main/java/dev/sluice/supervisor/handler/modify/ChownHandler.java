package dev.sluice.supervisor.handler.modify;

import dev.sluice.supervisor.handler.Numbers;
import dev.sluice.supervisor.handler.Paths;
import dev.sluice.supervisor.handler.Performer;
import dev.sluice.supervisor.handler.Results;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.PathArgument;
import java.util.Optional;
import java.util.Set;

/// chown, lchown, fchownat: the owner and group of the very object the decision was made on.
public final class ChownHandler implements Performer {
  static final Set<String> CALLS = Set.of("chown", "chown32", "lchown", "lchown32", "fchownat");

  private static final int FCHOWNAT = Numbers.of("fchownat");
  private static final int FLAGS = OpenFlags.AT_SYMLINK_NOFOLLOW | OpenFlags.AT_EMPTY_PATH;

  @Override
  public String name() {
    return "chown";
  }

  @Override
  public Set<String> syscalls() {
    return CALLS;
  }

  @Override
  public Optional<Verdict> early(Call call) {
    return call.name().equals("fchownat")
        ? Results.onlyFlags(FLAGS, call.intArg(4))
        : Optional.empty();
  }

  @Override
  public Verdict perform(Call call) {
    PathArgument path = Paths.changeable(call, 0);
    int first = call.name().equals("fchownat") ? 2 : 1;
    return Results.changed(
        call,
        path,
        call.operation()
            .begin(FCHOWNAT)
            .itself(path.object())
            .value(id(call, first))
            .value(id(call, first + 1))
            .value(OpenFlags.AT_EMPTY_PATH));
  }

  /// Of 32 bits; of 16 in the older calls of i386, where 0xffff means that it stays (-1).
  private static long id(Call call, int register) {
    boolean old =
        !call.arch().is64Bit() && (call.name().equals("chown") || call.name().equals("lchown"));
    if (!old) {
      return call.arg(register) & 0xffff_ffffL;
    }
    long id = call.arg(register) & 0xffff;
    return id == 0xffff ? 0xffff_ffffL : id;
  }
}
