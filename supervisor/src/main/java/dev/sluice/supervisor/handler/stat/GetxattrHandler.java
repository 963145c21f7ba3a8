package dev.sluice.supervisor.handler.stat;

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

/// getxattr, lgetxattr, getxattrat: an extended attribute of the very object the decision was made
/// on.
public final class GetxattrHandler implements Performer {
  static final Set<String> CALLS = Set.of("getxattr", "lgetxattr", "getxattrat");

  private static final int GETXATTR = Numbers.of("getxattr");
  private static final int AT_FLAGS = OpenFlags.AT_SYMLINK_NOFOLLOW | OpenFlags.AT_EMPTY_PATH;

  /// `struct xattr_args`: value, size, flags (linux/xattr.h).
  private static final int XATTR_ARGS_SIZE_VER0 = 16;

  private static final int XATTR_SIZE_MAX = 65536;

  /// 6.13
  private static final boolean HAS_GETXATTRAT = Numbers.isKnownToKernel("getxattrat");

  /// Where the value goes: `struct xattr_args`.
  private record Room(long value, long size) {}

  @Override
  public String name() {
    return "getxattr";
  }

  @Override
  public Set<String> syscalls() {
    return CALLS;
  }

  @Override
  public Optional<Verdict> early(Call call) {
    if (isAt(call)) {
      readRoom(call);
    }
    call.xattrName(nameRegister(call));
    return Optional.empty();
  }

  /// What ends it early is read once.
  @Override
  public Verdict handle(Call call, Context context) {
    return perform(call);
  }

  @Override
  public Verdict perform(Call call) {
    if (!isAt(call)) {
      Text name = call.xattrName(nameRegister(call));
      return get(call, Paths.existing(call, 0), name, call.arg(2), call.arg(3));
    }
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK; // what follows allocates
    }
    Room room = readRoom(call);
    Text name = call.xattrName(nameRegister(call));
    PathArgument path = Paths.existing(call, 0);
    Paths.checkFile(call, 0, path);
    return get(call, path, name, room.value, room.size);
  }

  private static Verdict get(Call call, PathArgument path, Text name, long address, long size) {
    int room = Long.compareUnsigned(size, XATTR_SIZE_MAX) > 0 ? XATTR_SIZE_MAX : (int) size;
    Operation operation = call.operation().begin(GETXATTR).pathOf(path.object()).text(name);
    if (room == 0) {
      // no more than how long it is
      return Results.of(call.syscallsFor(path).make(operation.value(0).value(0), true));
    }
    return Results.filled(call, path, operation.output(room).value(room), address);
  }

  private static boolean isAt(Call call) {
    return call.name().equals("getxattrat");
  }

  private static int nameRegister(Call call) {
    return isAt(call) ? 3 : 1;
  }

  /// Of getxattrat. Throws [Abort] with what is wrong with that, or with the flags.
  private static Room readRoom(Call call) {
    if (!HAS_GETXATTRAT) {
      throw Abort.errno(Errno.ENOSYS);
    }
    NativeBytes args = call.operation().buffer(ExtensibleStruct.MAX);
    ExtensibleStruct.copy(call, call.arg(4), call.arg(5), XATTR_ARGS_SIZE_VER0, args);
    if (args.getInt(12) != 0 || (call.intArg(2) & ~AT_FLAGS) != 0) {
      throw Abort.errno(Errno.EINVAL);
    }
    return new Room(args.getLong(0), Integer.toUnsignedLong(args.getInt(8)));
  }
}
