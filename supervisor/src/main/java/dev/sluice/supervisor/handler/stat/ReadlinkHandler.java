package dev.sluice.supervisor.handler.stat;

import dev.sluice.supervisor.handler.Context;
import dev.sluice.supervisor.handler.Numbers;
import dev.sluice.supervisor.handler.Paths;
import dev.sluice.supervisor.handler.Performer;
import dev.sluice.supervisor.handler.Results;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.SystemCall;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Filesystems;
import dev.sluice.supervisor.target.Operation;
import dev.sluice.supervisor.target.PathArgument;
import java.util.Optional;
import java.util.Set;

/// readlink, readlinkat: the text of the very link the decision was made on. That of a link in
/// proc(5) depends on who reads it: so whoever has the target's root does, and what means the
/// reader himself is written for the target.
public final class ReadlinkHandler implements Performer {
  static final Set<String> CALLS = Set.of("readlink", "readlinkat");

  private static final int READLINKAT = Numbers.of("readlinkat");

  /// No file system has longer links.
  private static final int PATH_MAX = 4096;

  @Override
  public String name() {
    return "readlink";
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
    if (size(call) <= 0) {
      throw Abort.errno(Errno.EINVAL);
    }
  }

  @Override
  public Verdict perform(Call call) {
    PathArgument path = Paths.existing(call, 0);
    if (!path.stat().isSymlink()) {
      return Verdict.Fail.of((path.isDescriptor() ? Errno.ENOENT : Errno.EINVAL).number());
    }
    int size = Math.min(size(call), PATH_MAX);
    if (path.filesystem(call) == Filesystems.Kind.PROC) {
      return readInProc(call, path, size);
    }
    return Results.filled(call, path, operation(call, path, size), address(call));
  }

  private static Verdict readInProc(Call call, PathArgument path, int size) {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK; // what follows allocates
    }
    Optional<byte[]> text = path.linkToCaller(call);
    if (text.isPresent()) {
      int length = Math.min(text.get().length, size);
      call.memory().write(address(call), NativeBytes.of(text.get()), length);
      return Verdict.Return.of(length);
    }
    Operation operation = operation(call, path, size);
    long result = call.syscallsFor(path).make(operation, true);
    boolean own =
        result == -Errno.EACCES.number() && call.task().seesWhatWeSee() && path.isOwnEntry(call);
    if (own) {
      result =
          SystemCall.make(
              READLINKAT,
              path.object(),
              Judgement.EMPTY.address(),
              operation.buffer(size).address(),
              size,
              0,
              0);
    }
    return Results.filled(call, operation, result, address(call));
  }

  private static Operation operation(Call call, PathArgument path, int size) {
    return call.operation().begin(READLINKAT).itself(path.object()).output(size).value(size);
  }

  private static int size(Call call) {
    return call.intArg(isAt(call) ? 3 : 2);
  }

  private static long address(Call call) {
    return call.arg(isAt(call) ? 2 : 1);
  }

  private static boolean isAt(Call call) {
    return call.name().equals("readlinkat");
  }
}
