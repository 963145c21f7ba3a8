package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.ProcessMemory;

/// Copies of a target's memory. What a target's pointer points to can change at any moment, so it
/// is read once and only the copy is used; and the copy counts only after [Call#validate].
final class TargetMemory {
  private static final int PAGE = 4096;

  /// Most paths are shorter; a whole page costs 0.2 µs more.
  private static final int FIRST_READ = 256;

  static final int TOO_LONG = -Errno.ENAMETOOLONG.number();

  private TargetMemory() {}

  /// Copies a NUL-terminated string, with its NUL, to `to`. Returns its length, -EFAULT where the
  /// kernel would too, or -ENAMETOOLONG if it does not fit.
  static int readString(int tid, long address, NativeBytes to) {
    return readString(tid, address, to, 0, (int) to.size());
  }

  /// The same between two places of `to`. Of what does not fit, the beginning is there.
  static int readString(int tid, long address, NativeBytes to, int from, int limit) {
    int length = 0;
    int want = FIRST_READ;
    int room = limit - from;
    while (length < room) {
      // one read does not cross a page: what follows the NUL need not be mapped
      int toPageEnd = PAGE - (int) ((address + length) & (PAGE - 1));
      int count = Math.min(Math.min(want, toPageEnd), room - length);
      int read = ProcessMemory.read(tid, address + length, to, from + length, count);
      if (read <= 0) {
        return error(read);
      }
      int nul = to.indexOfNul(from + length, from + length + read);
      if (nul >= 0) {
        return nul - from;
      }
      length += read;
      want = PAGE;
    }
    return TOO_LONG;
  }

  /// Copies exactly `count` bytes. Returns `count` or -EFAULT.
  static int read(int tid, long address, NativeBytes to, int count) {
    int read = ProcessMemory.read(tid, address, to, 0, count);
    return read == count ? count : error(Math.min(read, 0));
  }

  /// Any failure but EFAULT is ours: the target is gone (ESRCH), or not ours to read (EPERM).
  private static int error(int read) {
    return read == 0 ? -Errno.EFAULT.number() : read;
  }
}
