package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.ProcessMemory;

/// The memory of a call's caller. After each read the caller is known to wait still, so that it was
/// its own memory, and not that of another thread with its number. Throws [Abort].
final class CallerMemory {
  private CallerMemory() {}

  /// Returns the length of the string.
  static int copyString(Call call, long from, NativeBytes to, Errno tooLong) {
    int length = TargetMemory.readString(call.tid(), from, to);
    call.validate();
    return length == -Errno.ENAMETOOLONG.number()
        ? Abort.check(-tooLong.number())
        : checkRead(length);
  }

  /// What can be read of a page.
  static byte[] copyPage(Call call, long address) {
    var page = NativeBytes.allocate(PathArgument.PATH_MAX);
    int read = ProcessMemory.read(call.tid(), address, page, 0, PathArgument.PATH_MAX);
    call.validate();
    byte[] bytes = new byte[checkRead(read == 0 ? -Errno.EFAULT.number() : read)];
    page.get(0, bytes, 0, bytes.length);
    return bytes;
  }

  static void copy(Call call, long address, NativeBytes to, int count) {
    int read = TargetMemory.read(call.tid(), address, to, count);
    call.validate();
    checkRead(read);
  }

  static void write(Call call, long address, NativeBytes from, int offset, int count) {
    call.validate();
    int written = count == 0 ? 0 : ProcessMemory.write(call.tid(), address, from, offset, count);
    if (written != count) {
      throw written == -Errno.ESRCH.number() ? Abort.GONE : Abort.errno(Errno.EFAULT);
    }
  }

  private static int checkRead(int result) {
    return result == -Errno.ESRCH.number()
        ? Abort.check(-Errno.EFAULT.number())
        : Abort.check(result);
  }
}
