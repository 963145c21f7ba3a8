package dev.sluice.supervisor.handler.modify;

import dev.sluice.supervisor.handler.Numbers;
import dev.sluice.supervisor.handler.Paths;
import dev.sluice.supervisor.handler.Performer;
import dev.sluice.supervisor.handler.Results;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Processes;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.PathArgument;
import java.util.Optional;
import java.util.Set;

/// truncate: the very file the decision was made on, under the caller's limit on the size of files.
/// A worker makes it, as only a process can have that limit, and as it may have to wait for whoever
/// has a lease on the file (fcntl(2)).
public final class TruncateHandler implements Performer {
  static final Set<String> CALLS = Set.of("truncate", "truncate64");

  private static final int TRUNCATE = Numbers.of("truncate");

  @Override
  public String name() {
    return "truncate";
  }

  @Override
  public Set<String> syscalls() {
    return CALLS;
  }

  @Override
  public Optional<Verdict> early(Call call) {
    return length(call) < 0 ? Results.early(Errno.EINVAL) : Optional.empty();
  }

  @Override
  public Verdict perform(Call call) {
    PathArgument path = Paths.changeable(call, 0);
    long length = length(call);
    long limit = call.task().fileSizeLimit().soft();
    var operation =
        call.operation().begin(TRUNCATE).pathOf(path.object()).value(length).within(limit);
    long result = Results.change(call, call.patientSyscalls(), operation);
    if (result == -Errno.EFBIG.number() && Long.compareUnsigned(length, limit) > 0) {
      call.validate();
      Processes.tgkill(call.task().tgid(), call.tid(), Processes.SIGXFSZ);
    }
    return Results.of(result);
  }

  /// An off_t; i386 needs two registers for 64 bits of it.
  private static long length(Call call) {
    if (call.arch().is64Bit()) {
      return call.arg(1);
    }
    return call.name().equals("truncate64")
        ? call.arg(2) << Integer.SIZE | call.arg(1)
        : call.intArg(1);
  }
}
