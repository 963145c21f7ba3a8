package dev.sluice.supervisor.handler.modify;

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
import dev.sluice.supervisor.target.ExtensibleStruct;
import dev.sluice.supervisor.target.Operation;
import dev.sluice.supervisor.target.PathArgument;
import java.util.Optional;
import java.util.Set;

/// file_setattr (6.17): flags such as those for immutable and append-only, of the very object the
/// decision was made on.
public final class FileAttributesHandler implements Performer {
  static final Set<String> CALLS = Set.of("file_setattr");

  private static final int FILE_SETATTR = Numbers.of("file_setattr");
  private static final NativeBytes NAME = NativeBytes.ofString("name");

  @Override
  public String name() {
    return "file-attributes";
  }

  @Override
  public Set<String> syscalls() {
    return CALLS;
  }

  @Override
  public Optional<Verdict> early(Call call) {
    read(call);
    return Optional.empty();
  }

  /// What ends it early is read once.
  @Override
  public Verdict handle(Call call, Context context) {
    return perform(call);
  }

  @Override
  public Verdict perform(Call call) {
    int size = read(call);
    PathArgument path = Paths.changeableFile(call, 0);
    Operation operation = call.operation();
    return Results.changed(
        call,
        path,
        operation
            .begin(FILE_SETATTR)
            .value(OpenFlags.AT_FDCWD)
            .pathOf(path.object())
            .input(operation.buffer(size), size)
            .value(size));
  }

  /// Copies the `struct file_attr` to the buffer of the call's [Operation]. The kernel looks at all
  /// of it for us: once without a struct, which is EFAULT or something that comes before, and once
  /// with it, for a name in no directory.
  private static int read(Call call) {
    long size = call.arg(3);
    expect(call, 0, size, Errno.EFAULT);
    NativeBytes attributes = call.operation().buffer(ExtensibleStruct.MAX);
    call.memory().copy(call.arg(2), attributes, (int) size);
    expect(call, attributes.address(), size, Errno.EBADF);
    return (int) size;
  }

  private static void expect(Call call, long address, long size, Errno expected) {
    long result =
        SystemCall.make(FILE_SETATTR, -1, NAME.address(), address, size, call.intArg(4), 0);
    if (result != -expected.number()) {
      throw Abort.errno((int) -result);
    }
  }
}
