package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.AddressSpace;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.ProcessMemory;
import dev.sluice.supervisor.kernel.SyscallException;

/// The memory of a call's caller, which it may change at any moment: so everything is copied once,
/// and before whatever depends on it. After each read the caller is known to wait still, so that it
/// was its own memory, and not that of another thread with its number. Throws [Abort].
public final class CallerMemory {
  private final Call call;
  private boolean read;
  private boolean trusted;

  CallerMemory(Call call) {
    this.call = call;
  }

  void begin() {
    read = false;
    trusted = false;
  }

  /// Something depends on what is there, or would be if there were anything.
  void markRead() {
    read = true;
  }

  /// Whether anything but registers has been looked at: then to let the call continue would be a
  /// race.
  public boolean isRead() {
    return read;
  }

  /// Memory may be that of a file which never comes: a network file system's, or one that the
  /// caller serves itself. On the event loop everybody else would wait for it as well, so that is
  /// only for callers who are what we are. Throws [Abort#WOULD_BLOCK].
  public void mayWait() {
    if (!call.mayBlock() && !trusted && !call.task().isOurs()) {
      throw Abort.WOULD_BLOCK;
    }
  }

  /// The caller is known to be what we are: there is no need to look for it.
  public void trust() {
    trusted = true;
  }

  /// Copies a string with its NUL, and returns its length. Throws [Abort] with EFAULT, or with
  /// `tooLong` if it does not fit.
  int copyString(long from, NativeBytes to, Errno tooLong) {
    read = true;
    mayWait();
    int length = TargetMemory.readString(call.tid(), from, to);
    call.validate();
    return length == -Errno.ENAMETOOLONG.number()
        ? Abort.check(-tooLong.number())
        : checkRead(length);
  }

  /// Copies what can be read of the page at `address`, as mount(2) does with its options. Throws
  /// [Abort] with EFAULT if that is nothing.
  public byte[] copyPage(long address) {
    read = true;
    mayWait();
    var page = NativeBytes.allocate(PathArgument.PATH_MAX);
    int count = ProcessMemory.read(call.tid(), address, page, 0, PathArgument.PATH_MAX);
    call.validate();
    byte[] bytes = new byte[checkRead(count == 0 ? -Errno.EFAULT.number() : count)];
    page.get(0, bytes, 0, bytes.length);
    return bytes;
  }

  /// Copies exactly `count` bytes at `address`. Throws [Abort] with EFAULT.
  public void copy(long address, NativeBytes to, int count) {
    read = true;
    mayWait();
    int result = TargetMemory.read(call.tid(), address, to, count);
    call.validate();
    checkRead(result);
  }

  /// Writes `count` bytes to `address`, as the result of the call. Throws [Abort] with EFAULT where
  /// the kernel would.
  public void write(long address, NativeBytes from, int count) {
    write(address, from, 0, count);
  }

  /// The same from `offset` of `from`.
  public void write(long address, NativeBytes from, int offset, int count) {
    if (writeSome(address, from, offset, count) != count) {
      throw Abort.errno(Errno.EFAULT);
    }
  }

  /// Writes as much as the kernel could; returns how much, -EFAULT if nothing.
  ///
  /// The number of a caller that waits means another program as soon as another thread of its
  /// process has executed one. So a number is enough only on the event loop, which hears of that
  /// before it can happen; elsewhere it has to be the memory itself, which was that of the caller
  /// if it still waits when it has been opened.
  public int writeSome(long address, NativeBytes from, int offset, int count) {
    if (count == 0) {
      call.validate();
      return 0;
    }
    int written = -Errno.ENOTTY.number();
    if (call.mayBlock() || call.callers().mayBeReplaced(call)) {
      written = writeTo(address, from, offset, count);
    }
    if (written == -Errno.ENOTTY.number()) {
      call.validate();
      written = ProcessMemory.write(call.tid(), address, from, offset, count);
    }
    if (written == -Errno.ESRCH.number()) {
      throw Abort.GONE;
    }
    return written < 0 ? -Errno.EFAULT.number() : written;
  }

  private int writeTo(long address, NativeBytes from, int offset, int count) {
    try (var memory = AddressSpace.of(call.tid())) {
      call.validate();
      return memory.write(address, from, offset, count);
    } catch (SyscallException e) {
      call.validate();
      if (e.errno() == Errno.EMFILE.number() || e.errno() == Errno.ENFILE.number()) {
        throw Abort.errno(Errno.EIO); // the descriptors are not the caller's
      }
      return -Errno.EFAULT.number(); // not ours to write to, by number neither
    }
  }

  private static int checkRead(int result) {
    return result == -Errno.ESRCH.number()
        ? Abort.check(-Errno.EFAULT.number())
        : Abort.check(result);
  }
}
