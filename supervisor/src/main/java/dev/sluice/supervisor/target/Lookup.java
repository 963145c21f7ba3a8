package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.kernel.Stat;

/// openat2(2) with O_PATH, for a target: by a thread of ours where that waits for a disk at most,
/// and by a worker, which can be killed, where it may wait for somebody.
///
/// What the kernel knows is found without waiting (RESOLVE_CACHED). What it does not know is looked
/// for from the last directory that it does, on that directory's own file system alone
/// (RESOLVE_NO_XDEV).
final class Lookup {
  private static final int EAGAIN = -Errno.EAGAIN.number();
  private static final int EXDEV = -Errno.EXDEV.number();
  private static final int DIRECTORY =
      OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC;

  /// With these, a path is more than its parts.
  private static final long SCOPED = OpenFlags.RESOLVE_BENEATH | OpenFlags.RESOLVE_IN_ROOT;

  private final Syscalls syscalls;
  private final NativeBytes path;
  private final int flags;
  private final long resolve;

  private Lookup(Syscalls syscalls, NativeBytes path, int flags, long resolve) {
    this.syscalls = syscalls;
    this.path = path;
    this.flags = flags;
    this.resolve = resolve;
  }

  /// Returns a descriptor, or -errno. Throws [Abort], with WOULD_BLOCK on the event loop.
  ///
  /// @param syscalls who is to look, if that need not be a worker
  static int pin(
      Call call, Syscalls syscalls, int base, NativeBytes path, int flags, long resolve) {
    if (!syscalls.isInline()) {
      return syscalls.pin(base, path, flags, resolve);
    }
    int fd = syscalls.pin(base, path, flags, resolve | OpenFlags.RESOLVE_CACHED);
    if (fd != EAGAIN) {
      return fd;
    }
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    fd =
        (resolve & SCOPED) != 0
            ? EXDEV
            : new Lookup(syscalls, path, flags, resolve).fromCached(call, base);
    return fd == EXDEV ? call.patientSyscalls().pin(base, path, flags, resolve) : fd;
  }

  /// Looks on from the longest part of the path that is cached. EXDEV if that leads to another file
  /// system, or begins on one that may not answer.
  private int fromCached(Call call, int base) {
    int start = path.indexOfNul(0, (int) path.size());
    int from = EAGAIN;
    while (from == EAGAIN) {
      start = startOfComponentBefore(start);
      from = start == 0 ? base : pinCached(base, beginning(start), DIRECTORY);
    }
    if (from < 0) {
      // AT_FDCWD: of an absolute path not even the root was found
      return from == OpenFlags.AT_FDCWD ? EXDEV : from;
    }
    try {
      var stat = new Stat();
      FileStatus.read(call, from, stat);
      if (Filesystems.of(call, from, stat) == Filesystems.Kind.SLOW) {
        return EXDEV;
      }
      NativeBytes rest = path.slice(start, path.size() - start);
      int fd = syscalls.pin(from, rest, flags, resolve | OpenFlags.RESOLVE_NO_XDEV);
      return from == base || fd < 0 ? fd : inOnePiece(base, fd);
    } finally {
      if (from != base) {
        Files.close(from);
      }
    }
  }

  /// What was found on the way is cached now, and the kernel counts the links of a whole path.
  private int inOnePiece(int base, int found) {
    int fd = pinCached(base, path, flags);
    if (fd == EAGAIN) {
      return found;
    }
    Files.close(found);
    return fd;
  }

  private int pinCached(int base, NativeBytes what, int how) {
    return syscalls.pin(base, what, how, resolve | OpenFlags.RESOLVE_CACHED);
  }

  private int startOfComponentBefore(int end) {
    int start = end;
    while (start > 0 && path.getByte(start - 1L) == '/') {
      start--;
    }
    while (start > 0 && path.getByte(start - 1L) != '/') {
      start--;
    }
    return start;
  }

  private NativeBytes beginning(int length) {
    byte[] bytes = new byte[length + 1];
    path.get(0, bytes, 0, length);
    return NativeBytes.of(bytes);
  }
}
