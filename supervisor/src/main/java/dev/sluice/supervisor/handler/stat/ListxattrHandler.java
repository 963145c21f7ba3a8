package dev.sluice.supervisor.handler.stat;

import dev.sluice.supervisor.handler.Context;
import dev.sluice.supervisor.handler.Numbers;
import dev.sluice.supervisor.handler.Paths;
import dev.sluice.supervisor.handler.Performer;
import dev.sluice.supervisor.handler.Results;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.SystemCall;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Operation;
import dev.sluice.supervisor.target.PathArgument;
import java.util.Optional;
import java.util.Set;

/// listxattr, llistxattr, listxattrat: the names of the extended attributes of the very object the
/// decision was made on.
public final class ListxattrHandler implements Performer {
  static final Set<String> CALLS = Set.of("listxattr", "llistxattr", "listxattrat");

  private static final int LISTXATTR = Numbers.of("listxattr");
  private static final int LISTXATTRAT = Numbers.of("listxattrat");
  private static final int AT_FLAGS = OpenFlags.AT_SYMLINK_NOFOLLOW | OpenFlags.AT_EMPTY_PATH;
  private static final int XATTR_LIST_MAX = 65536;

  /// 6.13
  private static final boolean HAS_LISTXATTRAT = Numbers.isKnownToKernel("listxattrat");

  /// Its siblings take AT_FDCWD and an empty path for the working directory; it does not (6.18).
  private static final boolean TAKES_CWD =
      SystemCall.make(
              LISTXATTRAT,
              OpenFlags.AT_FDCWD,
              Judgement.EMPTY.address(),
              OpenFlags.AT_EMPTY_PATH,
              0,
              0,
              0)
          != -Errno.EBADF.number();

  @Override
  public String name() {
    return "listxattr";
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

  /// Throws [Abort].
  private static void check(Call call) {
    if (!isAt(call)) {
      return;
    }
    if (!HAS_LISTXATTRAT) {
      throw Abort.errno(Errno.ENOSYS);
    }
    if ((call.intArg(2) & ~AT_FLAGS) != 0) {
      throw Abort.errno(Errno.EINVAL);
    }
  }

  @Override
  public Verdict perform(Call call) {
    if (!isAt(call)) {
      return list(call, Paths.existing(call, 0), call.arg(1), call.arg(2));
    }
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK; // a descriptor may have to be copied
    }
    PathArgument path = Paths.existing(call, 0);
    Paths.checkFile(call, 0, path);
    if (path.isDescriptor() && call.intArg(0) == OpenFlags.AT_FDCWD && !TAKES_CWD) {
      throw Abort.errno(Errno.EBADF);
    }
    return list(call, path, call.arg(3), call.arg(4));
  }

  private static Verdict list(Call call, PathArgument path, long address, long size) {
    int room = Long.compareUnsigned(size, XATTR_LIST_MAX) > 0 ? XATTR_LIST_MAX : (int) size;
    Operation operation = call.operation().begin(LISTXATTR).pathOf(path.object());
    if (room == 0) {
      // no more than how long it is
      return Results.of(call.syscallsFor(path).make(operation.value(0).value(0), true));
    }
    return Results.filled(call, path, operation.output(room).value(room), address);
  }

  private static boolean isAt(Call call) {
    return call.name().equals("listxattrat");
  }
}
