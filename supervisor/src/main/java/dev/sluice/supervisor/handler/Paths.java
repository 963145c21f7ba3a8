package dev.sluice.supervisor.handler;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.PathArgument;

/// What handlers ask of the paths of a call.
public final class Paths {
  private Paths() {}

  /// What the `index`th path leads to. Throws [Abort] with ENOENT if that is nothing.
  public static PathArgument existing(Call call, int index) {
    PathArgument path = call.path(index);
    if (path.object() < 0) {
      throw Abort.errno(Errno.ENOENT);
    }
    return path;
  }

  /// The same for a call that changes something, which is not for the event loop.
  public static PathArgument changeable(Call call, int index) {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    return existing(call, index);
  }

  /// The same where the descriptor that an empty path stands for must be that of an open file. An
  /// O_PATH descriptor is not. Throws [Abort] with EBADF.
  public static PathArgument changeableFile(Call call, int index) {
    PathArgument path = changeable(call, index);
    checkFile(call, index, path);
    return path;
  }

  /// For calls on such a file that change nothing.
  public static void checkFile(Call call, int index, PathArgument path) {
    int fd = call.intArg(call.kind().paths().get(index).dirfd());
    if (path.isDescriptor() && fd >= 0) {
      if (!call.mayBlock()) {
        throw Abort.WOULD_BLOCK; // to close the copy may wait
      }
      int copy = call.task().copyDescriptor(fd);
      int flags = copy < 0 ? copy : Files.statusFlags(copy);
      Files.close(copy);
      if (flags < 0 || (flags & OpenFlags.O_PATH) != 0) {
        throw Abort.errno(Errno.EBADF);
      }
    }
  }

  /// Whether the `index`th path is empty, or NULL where it may be; false if it cannot be read.
  public static boolean isEmpty(Call call, int index) {
    try {
      return call.copiedPath(index).isDescriptor();
    } catch (Abort unreadable) {
      if (unreadable.errno() == 0) {
        throw unreadable;
      }
      return false;
    }
  }

  /// The directory and name that the `index`th path gives, for a call that makes, removes or
  /// replaces the name.
  public static PathArgument name(Call call, int index) {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    return call.path(index);
  }
}
