package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.NativeBytes;

/// A struct that grows from kernel to kernel and comes with its size, such as `struct open_how`
/// (`copy_struct_from_user`, linux/uaccess.h).
public final class ExtensibleStruct {
  /// The most the kernel takes: a page.
  public static final int MAX = 4096;

  private ExtensibleStruct() {}

  /// Copies `size` bytes at `address` of the caller's memory. Throws [Abort] with EINVAL, E2BIG or
  /// EFAULT where the kernel would.
  ///
  /// @param known the size of the first version, which is all we know of: what is behind must be
  ///   zero
  public static void copy(Call call, long address, long size, int known, NativeBytes to) {
    if (Long.compareUnsigned(size, known) < 0) {
      throw Abort.errno(Errno.EINVAL);
    }
    if (Long.compareUnsigned(size, MAX) > 0) {
      throw Abort.errno(Errno.E2BIG);
    }
    call.memory().copy(address, to, (int) size);
    for (long i = known; i < size; i++) {
      if (to.getByte(i) != 0) {
        throw Abort.errno(Errno.E2BIG);
      }
    }
  }
}
