package dev.sluice.supervisor.handler.stat;

import dev.sluice.supervisor.handler.Context;
import dev.sluice.supervisor.handler.Numbers;
import dev.sluice.supervisor.handler.Paths;
import dev.sluice.supervisor.handler.Performer;
import dev.sluice.supervisor.handler.Results;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Operation;
import dev.sluice.supervisor.target.PathArgument;
import java.util.Optional;
import java.util.Set;

/// statfs, and statfs64 of i386: the file system that the very object the decision was made on is
/// in.
public final class StatfsHandler implements Performer {
  static final Set<String> CALLS = Set.of("statfs", "statfs64");

  private static final int FSTATFS = Numbers.of("fstatfs");

  @Override
  public String name() {
    return "statfs";
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

  /// statfs64 comes with the size of its struct. Throws [Abort].
  private static void check(Call call) {
    if (isWide(call) && call.arg(1) != StatfsStruct.I386_64.size()) {
      throw Abort.errno(Errno.EINVAL);
    }
  }

  private static boolean isWide(Call call) {
    return call.name().equals("statfs64");
  }

  @Override
  public Verdict perform(Call call) {
    PathArgument path = Paths.existing(call, 0);
    Operation operation =
        call.operation().begin(FSTATFS).descriptor(path.object()).output(StatfsStruct.SIZE);
    if (call.arch() != Arch.I386) {
      return Results.written(call, path, operation, call.arg(1), StatfsStruct.SIZE);
    }
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK; // what follows allocates
    }
    return performI386(call, path, operation);
  }

  private static Verdict performI386(Call call, PathArgument path, Operation operation) {
    long result = call.syscallsFor(path).make(operation, true);
    if (result < 0) {
      return Results.of(result);
    }
    StatfsStruct struct = isWide(call) ? StatfsStruct.I386_64 : StatfsStruct.I386;
    NativeBytes buffer = NativeBytes.allocate(struct.size());
    if (!struct.fill(operation.buffer(StatfsStruct.SIZE), buffer)) {
      return Verdict.Fail.of(Errno.EOVERFLOW.number());
    }
    call.memory().write(call.arg(isWide(call) ? 2 : 1), buffer, struct.size());
    return Results.of(0);
  }
}
