package dev.sluice.supervisor.container;

import dev.sluice.supervisor.kernel.Bpf;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;

/// The `union bpf_attr` of a call of bpf(2), copied once. It is the same for all architectures.
final class BpfAttributes {
  private final Call call;
  private final NativeBytes bytes;
  private final int size;

  private BpfAttributes(Call call, NativeBytes bytes, int size) {
    this.call = call;
    this.bytes = bytes;
    this.size = size;
  }

  /// Throws [Abort] as the kernel does: with E2BIG if there is something in what it does not know,
  /// or more than a page, and with EFAULT.
  static BpfAttributes of(Call call) {
    int size = call.intArg(2);
    if (Integer.compareUnsigned(size, Bpf.MAX_ATTR) > 0) {
      throw Abort.errno(Errno.E2BIG);
    }
    NativeBytes bytes = NativeBytes.allocate(Math.max(size, Bpf.SIZEOF_ATTR));
    if (size > 0) {
      call.memory().copy(call.arg(1), bytes, size);
    }
    var attributes = new BpfAttributes(call, bytes, size);
    if (!attributes.isZero(Bpf.SIZEOF_ATTR, size)) {
      throw Abort.errno(Errno.E2BIG);
    }
    return attributes;
  }

  /// Throws [Abort] with EINVAL if anything from `end` on is not zero.
  void checkEnd(int end) {
    checkZero(end, Bpf.SIZEOF_ATTR);
  }

  /// The same from `from` to `to`.
  void checkZero(int from, int to) {
    check(isZero(from, to));
  }

  /// Throws [Abort] with EINVAL unless that is so.
  static void check(boolean valid) {
    if (!valid) {
      throw Abort.errno(Errno.EINVAL);
    }
  }

  private boolean isZero(int from, int to) {
    boolean zero = true;
    for (int i = from; i < to; i++) {
      zero &= bytes.getByte(i) == 0;
    }
    return zero;
  }

  int getInt(int place) {
    return bytes.getInt(place);
  }

  long getLong(int place) {
    return bytes.getLong(place);
  }

  /// Copies a member of `count` bytes to the same place of another.
  void copyTo(NativeBytes to, int place, int count) {
    to.put(place, bytes, place, count);
  }

  /// Writes a member in the caller's memory, if what it gave has that.
  void writeInt(int place, int value) {
    if (place + Integer.BYTES <= size) {
      NativeBytes member = NativeBytes.allocate(Integer.BYTES);
      member.putInt(0, value);
      call.memory().write(call.arg(1) + place, member, Integer.BYTES);
    }
  }
}
