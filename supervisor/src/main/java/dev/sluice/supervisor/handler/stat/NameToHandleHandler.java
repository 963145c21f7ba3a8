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
import dev.sluice.supervisor.target.Operation;
import dev.sluice.supervisor.target.PathArgument;
import java.util.Optional;
import java.util.Set;

/// name_to_handle_at: a handle of the very object the decision was made on.
public final class NameToHandleHandler implements Performer {
  static final Set<String> CALLS = Set.of("name_to_handle_at");

  private static final int NAME_TO_HANDLE_AT = Numbers.of("name_to_handle_at");

  /// `struct file_handle` begins with how many bytes there are behind it, and what kind of handle
  /// they are.
  private static final int HEADER = 8;

  private static final int MAX_HANDLE_SZ = 128;

  /// The mount id is a long one then (6.12).
  private static final int AT_HANDLE_MNT_ID_UNIQUE = 1;

  /// Not together with an empty path (6.13).
  private static final int AT_HANDLE_CONNECTABLE = 2;

  private static final int KNOWN_FLAGS = OpenFlags.AT_SYMLINK_FOLLOW | OpenFlags.AT_EMPTY_PATH;

  @Override
  public String name() {
    return "name_to_handle_at";
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
    int flags = call.intArg(4);
    if ((flags & ~KNOWN_FLAGS) != 0) {
      int judged = flags & ~OpenFlags.AT_EMPTY_PATH;
      Judgement.ask(NAME_TO_HANDLE_AT, OpenFlags.AT_FDCWD, 0, 0, judged);
    }
    int both = AT_HANDLE_CONNECTABLE | OpenFlags.AT_EMPTY_PATH;
    if ((flags & both) == both) {
      throw Abort.errno(Errno.EINVAL);
    }
  }

  @Override
  public Verdict perform(Call call) {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK; // what follows allocates
    }
    PathArgument path = Paths.existing(call, 0);
    int flags = call.intArg(4);
    boolean hasHandle = readHeader(call);
    NativeBytes handle = call.operation().buffer(HEADER + MAX_HANDLE_SZ);
    NativeBytes mount = NativeBytes.allocate(Long.BYTES);
    Operation operation =
        call.operation().begin(NAME_TO_HANDLE_AT).value(OpenFlags.AT_FDCWD).pathOf(path.object());
    if (hasHandle) {
      operation.output(HEADER + MAX_HANDLE_SZ);
    } else {
      operation.value(0);
    }
    operation
        .output(mount, Long.BYTES)
        .value((flags & ~OpenFlags.AT_EMPTY_PATH) | OpenFlags.AT_SYMLINK_FOLLOW);
    long result = call.syscallsFor(path).make(operation, true);
    if (result == 0 || result == -Errno.EOVERFLOW.number()) {
      boolean unique = (flags & AT_HANDLE_MNT_ID_UNIQUE) != 0;
      call.memory().write(call.arg(3), mount, unique ? Long.BYTES : Integer.BYTES);
      // if the handle is too long, only how long it is
      call.memory().write(call.arg(2), handle, HEADER + (result == 0 ? handle.getInt(0) : 0));
    }
    return Results.of(result);
  }

  /// Copies how long the handle may be to the buffer of the call's [Operation]. Returns whether
  /// there is such a thing; if not, the kernel says so, unless it finds something else first.
  private static boolean readHeader(Call call) {
    try {
      call.memory().copy(call.arg(2), call.operation().buffer(HEADER + MAX_HANDLE_SZ), HEADER);
      return true;
    } catch (Abort unreadable) {
      if (unreadable.errno() != Errno.EFAULT.number()) {
        throw unreadable;
      }
      return false;
    }
  }
}
