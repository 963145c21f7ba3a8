package dev.sluice.supervisor.handler.stat;

import dev.sluice.supervisor.handler.Context;
import dev.sluice.supervisor.handler.Numbers;
import dev.sluice.supervisor.handler.Paths;
import dev.sluice.supervisor.handler.Performer;
import dev.sluice.supervisor.handler.Results;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.SystemCall;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Operation;
import dev.sluice.supervisor.target.PathArgument;
import java.util.Optional;
import java.util.Set;

/// file_getattr (6.17): flags such as those for immutable and append-only, of the very object the
/// decision was made on.
public final class FileGetattrHandler implements Performer {
  static final Set<String> CALLS = Set.of("file_getattr");

  private static final int FILE_GETATTR = Numbers.of("file_getattr");
  private static final NativeBytes NAME = NativeBytes.ofString("name");

  @Override
  public String name() {
    return "file_getattr";
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

  /// The kernel looks at size and flags for us, and then for a name in no directory. Throws
  /// [Abort].
  private static void check(Call call) {
    long result =
        SystemCall.make(FILE_GETATTR, -1, NAME.address(), 0, call.arg(3), call.intArg(4), 0);
    if (result != -Errno.EBADF.number()) {
      throw Abort.errno((int) -result);
    }
  }

  @Override
  public Verdict perform(Call call) {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK; // a descriptor may have to be copied
    }
    PathArgument path = Paths.existing(call, 0);
    Paths.checkFile(call, 0, path);
    int size = (int) call.arg(3);
    Operation operation =
        call.operation()
            .begin(FILE_GETATTR)
            .value(OpenFlags.AT_FDCWD)
            .pathOf(path.object())
            .output(size)
            .value(size)
            .value(0);
    return Results.written(call, path, operation, call.arg(2), size);
  }
}
