package dev.sluice.supervisor.handler.stat;

import dev.sluice.supervisor.handler.Context;
import dev.sluice.supervisor.handler.Numbers;
import dev.sluice.supervisor.handler.Paths;
import dev.sluice.supervisor.handler.Performer;
import dev.sluice.supervisor.handler.Results;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.Stat;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Operation;
import dev.sluice.supervisor.target.PathArgument;
import dev.sluice.supervisor.target.Syscalls;
import java.util.Optional;
import java.util.Set;

/// stat, lstat, newfstatat, statx, and what i386 has in their place: the status of the very object
/// the decision was made on.
public final class StatHandler implements Performer {
  static final Set<String> CALLS =
      Set.of(
          "stat",
          "lstat",
          "newfstatat",
          "statx",
          "oldstat",
          "oldlstat",
          "stat64",
          "lstat64",
          "fstatat64");

  private static final int NEWFSTATAT = Numbers.of("newfstatat");
  private static final int STATX = Numbers.of("statx");

  private static final int AT_NO_AUTOMOUNT = 0x800;
  private static final int AT_STATX_SYNC_TYPE = 0x6000;

  /// Kept for the kernel, and an error there.
  private static final int STATX_RESERVED = 0x80000000;

  private static final int FLAGS =
      OpenFlags.AT_SYMLINK_NOFOLLOW
          | OpenFlags.AT_EMPTY_PATH
          | AT_NO_AUTOMOUNT
          | AT_STATX_SYNC_TYPE;

  @Override
  public String name() {
    return "stat";
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
    return switch (call.name()) {
      case "statx" -> statx(call);
      case "newfstatat", "fstatat64" -> {
        int sync = call.intArg(3) & AT_STATX_SYNC_TYPE;
        // both together only statx minds
        yield stat(call, call.arg(2), sync == AT_STATX_SYNC_TYPE ? 0 : sync);
      }
      default -> stat(call, call.arg(1), 0);
    };
  }

  private static Verdict stat(Call call, long address, int sync) {
    PathArgument path = Paths.existing(call, 0);
    Syscalls syscalls = call.syscallsFor(path);
    Operation operation = call.operation();
    if (!call.mayBlock()) {
      // the kernel has just been asked, to see where the path leads
      return write(call, address, path.stat(), operation.buffer(StatStruct.MAX));
    }
    ask(operation, path, sync, Stat.STATX_BASIC_STATS);
    long result = syscalls.make(operation, true);
    if (result < 0) {
      return Results.of(result);
    }
    var stat = new Stat(operation.buffer(Stat.size()));
    return write(call, address, stat, NativeBytes.allocate(StatStruct.MAX));
  }

  private static Verdict write(Call call, long address, Stat stat, NativeBytes buffer) {
    StatStruct struct = StatStruct.of(call);
    if (!struct.fill(stat, buffer)) {
      return Verdict.Fail.of(Errno.EOVERFLOW.number());
    }
    struct.write(call, address, buffer);
    return Verdict.Return.of(0);
  }

  private static Verdict statx(Call call) {
    PathArgument path = Paths.existing(call, 0);
    Operation operation = call.operation();
    ask(operation, path, call.intArg(2) & AT_STATX_SYNC_TYPE, call.intArg(3));
    return Results.written(call, path, operation, call.arg(4), Stat.size());
  }

  private static void ask(Operation operation, PathArgument path, int sync, int mask) {
    operation
        .begin(STATX)
        .itself(path.object())
        .value(sync | OpenFlags.AT_EMPTY_PATH)
        .value(mask)
        .output(Stat.size());
  }

  /// What is wrong with the flags comes before what is wrong with the path. Throws [Abort].
  private static void check(Call call) {
    switch (call.name()) {
      case "statx" -> {
        int flags = call.intArg(2);
        boolean twice = (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE;
        boolean reserved = (call.intArg(3) & STATX_RESERVED) != 0;
        if (twice || reserved) {
          throw Abort.errno(Errno.EINVAL);
        }
        checkFlags(call, STATX, flags);
      }
      case "newfstatat", "fstatat64" -> checkFlags(call, NEWFSTATAT, call.intArg(3));
      default -> {}
    }
  }

  /// Flags we know nothing of are for the kernel to judge. It ignores them if there is a descriptor
  /// and no path (since 6.11).
  private static void checkFlags(Call call, int nr, int flags) {
    if ((flags & ~FLAGS) == 0) {
      return;
    }
    boolean noPath =
        (flags & OpenFlags.AT_EMPTY_PATH) != 0 && call.intArg(0) >= 0 && Paths.isEmpty(call, 0);
    int fd = noPath ? call.path(0).object() : OpenFlags.AT_FDCWD;
    int judged = noPath ? flags : flags & ~OpenFlags.AT_EMPTY_PATH;
    long buffer = call.operation().buffer(Stat.size()).address();
    if (nr == STATX) {
      Judgement.ask(nr, fd, judged, 0, buffer);
    } else {
      Judgement.ask(nr, fd, buffer, judged, 0);
    }
  }
}
