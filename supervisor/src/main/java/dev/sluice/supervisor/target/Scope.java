package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.OpenFlags;
import java.io.ByteArrayOutputStream;

/// Where a walk may go, if its caller has said so (openat2(2)): below the directory it begins at,
/// which is to be its root (RESOLVE_IN_ROOT), or which it must not leave (RESOLVE_BENEATH).
///
/// Directories are moved while one walks. So the way up is the kernel's to find, from the beginning
/// and in one go.
final class Scope {
  private static final long LIMITS = OpenFlags.RESOLVE_BENEATH | OpenFlags.RESOLVE_IN_ROOT;
  private static final long AS_IT_IS =
      OpenFlags.RESOLVE_NO_SYMLINKS | OpenFlags.RESOLVE_NO_MAGICLINKS;
  private static final byte[] UP = {'.', '.', 0};

  private final int base;
  private final long resolve;

  /// The names from the base to where the walk is, each with a slash: directories all of them.
  private final ByteArrayOutputStream way = new ByteArrayOutputStream();

  /// @param base where the walk begins
  /// @param resolve the caller's restrictions
  Scope(int base, long resolve) {
    this.base = base;
    this.resolve = resolve;
  }

  boolean isLimited() {
    return (resolve & LIMITS) != 0;
  }

  /// Where an absolute path leads: AT_FDCWD for the caller's root. Throws [Abort] with EXDEV if it
  /// must not be followed.
  int root() {
    if ((resolve & OpenFlags.RESOLVE_BENEATH) != 0) {
      throw Abort.errno(Errno.EXDEV);
    }
    return (resolve & OpenFlags.RESOLVE_IN_ROOT) != 0 ? base : OpenFlags.AT_FDCWD;
  }

  /// The walk is there.
  void beginAgain() {
    way.reset();
  }

  /// It went on to what has this name, and is no link.
  void enter(byte[] name) {
    if (isLimited() && !isHere(name)) {
      way.writeBytes(name);
      way.write('/');
    }
  }

  /// Where `..` leads; -errno if that is out of the scope, or cannot be told while others move what
  /// is in it (EAGAIN).
  int up(Call call, Syscalls syscalls, int flags) {
    byte[] before = way.toByteArray();
    way.writeBytes(UP);
    byte[] path = way.toByteArray();
    way.reset();
    way.write(before, 0, startOfLast(before));
    if (path.length > PathArgument.PATH_MAX) {
      return -Errno.ENAMETOOLONG.number();
    }
    return Lookup.pin(call, syscalls, base, NativeBytes.of(path), flags, resolve | AS_IT_IS);
  }

  private static int startOfLast(byte[] path) {
    int start = path.length - 1;
    while (start > 0 && path[start - 1] != '/') {
      start--;
    }
    return Math.max(start, 0);
  }

  private static boolean isHere(byte[] name) {
    return name.length == 1 && name[0] == '.';
  }

  static boolean isUp(byte[] name) {
    return name.length == 2 && name[0] == '.' && name[1] == '.';
  }
}
