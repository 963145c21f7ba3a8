package dev.sluice.supervisor.handler.modify;

import dev.sluice.supervisor.handler.Context;
import dev.sluice.supervisor.handler.Numbers;
import dev.sluice.supervisor.handler.Paths;
import dev.sluice.supervisor.handler.Performer;
import dev.sluice.supervisor.handler.Results;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.ExtensibleStruct;
import dev.sluice.supervisor.target.Operation;
import dev.sluice.supervisor.target.PathArgument;
import dev.sluice.supervisor.target.Text;
import java.util.Optional;
import java.util.Set;

/// setxattr, lsetxattr, setxattrat: an extended attribute of the very object the decision was made
/// on, with a copy of the value.
public final class SetxattrHandler implements Performer {
  static final Set<String> CALLS = Set.of("setxattr", "lsetxattr", "setxattrat");

  private static final int SETXATTR = Numbers.of("setxattr");
  private static final int AT_FLAGS = OpenFlags.AT_SYMLINK_NOFOLLOW | OpenFlags.AT_EMPTY_PATH;

  /// `struct xattr_args`: value, size, flags (linux/xattr.h).
  private static final int XATTR_ARGS_SIZE_VER0 = 16;

  /// XATTR_CREATE, XATTR_REPLACE (linux/xattr.h).
  private static final int FLAGS = 3;

  private static final int XATTR_SIZE_MAX = 65536;

  /// 6.13
  private static final boolean HAS_SETXATTRAT = Numbers.isKnownToKernel("setxattrat");

  /// All but where the path leads; the value is in the buffer of the call's [Operation].
  private record Attribute(Text name, int size, int flags) {}

  @Override
  public String name() {
    return "setxattr";
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
    Attribute attribute = read(call);
    PathArgument path = isAt(call) ? Paths.changeableFile(call, 0) : Paths.changeable(call, 0);
    Operation operation = call.operation();
    return Results.changed(
        call,
        path,
        operation
            .begin(SETXATTR)
            .pathOf(path.object())
            .text(attribute.name)
            .input(operation.buffer(attribute.size), attribute.size)
            .value(attribute.size)
            .value(attribute.flags));
  }

  private static boolean isAt(Call call) {
    return call.name().equals("setxattrat");
  }

  private static Attribute read(Call call) {
    return isAt(call) ? readAt(call) : read(call, 1, call.arg(2), call.arg(3), call.intArg(4));
  }

  private static Attribute readAt(Call call) {
    if (!HAS_SETXATTRAT) {
      throw Abort.errno(Errno.ENOSYS);
    }
    NativeBytes args = call.operation().buffer(ExtensibleStruct.MAX);
    ExtensibleStruct.copy(call, call.arg(4), call.arg(5), XATTR_ARGS_SIZE_VER0, args);
    if ((call.intArg(2) & ~AT_FLAGS) != 0) {
      throw Abort.errno(Errno.EINVAL);
    }
    return read(call, 3, args.getLong(0), Integer.toUnsignedLong(args.getInt(8)), args.getInt(12));
  }

  private static Attribute read(Call call, int name, long value, long size, int flags) {
    if ((flags & ~FLAGS) != 0) {
      throw Abort.errno(Errno.EINVAL);
    }
    Text text = call.xattrName(name);
    if (Long.compareUnsigned(size, XATTR_SIZE_MAX) > 0) {
      throw Abort.errno(Errno.E2BIG);
    }
    if (size > 0) {
      call.memory().copy(value, call.operation().buffer((int) size), (int) size);
    }
    return new Attribute(text, (int) size, flags);
  }
}
