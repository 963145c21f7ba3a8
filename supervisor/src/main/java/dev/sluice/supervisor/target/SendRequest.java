package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.ProcessMemory;
import dev.sluice.supervisor.syscall.Arch;

/// What sendto, sendmsg or sendmmsg is to send: where its parts lie in the caller's memory, copied
/// once. Reused.
public final class SendRequest {
  /// `UIO_MAXIOV`
  private static final int MAX_PARTS = 1024;

  /// sysctl_optmem_max allows no more, as it comes.
  private static final int MAX_CONTROL = 128 * 1024;

  /// `MAX_RW_COUNT`
  private static final long MAX_COUNT = 0x7ffff000L;

  private static final int SIZEOF_MSGHDR = 56;
  private static final int SIZEOF_COMPAT_MSGHDR = 28;

  private final NativeBytes header = NativeBytes.allocate(SIZEOF_MSGHDR);
  private NativeBytes parts = NativeBytes.allocate(16);
  private int partCount;
  private int word = Long.BYTES;
  private long name;
  private int nameLength;
  private long total;
  private long control;
  private int controlLength;
  private long sent;

  /// Reads the `index`th message of `call`. Throws [Abort] with what the kernel would say.
  void read(Call call, int index) {
    word = call.arch().is64Bit() ? Long.BYTES : Integer.BYTES;
    sent = 0;
    switch (call.name()) {
      case "sendto" -> readRegisters(call);
      case "sendmsg" -> readHeader(call, call.arg(1));
      case "sendmmsg" -> readHeader(call, call.arg(1) + (long) index * sizeOfEntry(call.arch()));
      default -> throw new IllegalStateException(call.name() + " sends nothing");
    }
  }

  /// `sizeof(struct mmsghdr)`
  static int sizeOfEntry(Arch arch) {
    return arch.is64Bit() ? SIZEOF_MSGHDR + Long.BYTES : SIZEOF_COMPAT_MSGHDR + Integer.BYTES;
  }

  /// Where `msg_len` of the `index`th message of sendmmsg lies.
  public static long lengthAddress(Call call, int index) {
    int header = call.arch().is64Bit() ? SIZEOF_MSGHDR : SIZEOF_COMPAT_MSGHDR;
    return call.arg(1) + (long) index * sizeOfEntry(call.arch()) + header;
  }

  private void readRegisters(Call call) {
    name = call.arg(4);
    nameLength = name == 0 ? 0 : call.intArg(5);
    control = 0;
    controlLength = 0;
    partCount = 1;
    total = Long.compareUnsigned(call.arg(2), MAX_COUNT) > 0 ? MAX_COUNT : call.arg(2);
    word = Long.BYTES;
    parts.putLong(0, call.arg(1));
    parts.putLong(Long.BYTES, total);
  }

  private void readHeader(Call call, long address) {
    call.memory().copy(address, header, word == Long.BYTES ? SIZEOF_MSGHDR : SIZEOF_COMPAT_MSGHDR);
    name = wordAt(header, 0);
    nameLength = name == 0 ? 0 : header.getInt(word);
    // a longer one is cut (copy_msghdr_from_user), a longer one of sendto refused
    nameLength = Math.min(nameLength, SocketAddress.MAX_LENGTH);
    long partsAddress = wordAt(header, 2 * word);
    long count = wordAt(header, 3 * word);
    control = wordAt(header, 4 * word);
    long controlSize = wordAt(header, 5 * word);
    if (nameLength < 0) {
      throw Abort.errno(Errno.EINVAL);
    }
    if (Long.compareUnsigned(count, MAX_PARTS) > 0) {
      throw Abort.errno(Errno.EMSGSIZE);
    }
    if (Long.compareUnsigned(controlSize, MAX_CONTROL) > 0) {
      throw Abort.errno(Errno.ENOBUFS);
    }
    controlLength = (int) controlSize;
    readParts(call, partsAddress, (int) count);
  }

  private void readParts(Call call, long address, int count) {
    int size = count * 2 * word;
    if (size > parts.size()) {
      parts = NativeBytes.allocate(size);
    }
    partCount = count;
    if (count > 0) {
      call.memory().copy(address, parts, size);
    }
    total = 0;
    for (int i = 0; i < count; i++) {
      long length = partLength(i);
      if (length < 0 || (word == Integer.BYTES && length > Integer.MAX_VALUE)) {
        throw Abort.errno(Errno.EINVAL);
      }
      total = Math.min(total + Math.min(length, MAX_COUNT), MAX_COUNT);
    }
  }

  private long wordAt(NativeBytes bytes, int offset) {
    return word == Long.BYTES
        ? bytes.getLong(offset)
        : Integer.toUnsignedLong(bytes.getInt(offset));
  }

  private long partAddress(int index) {
    return wordAt(parts, index * 2 * word);
  }

  private long partLength(int index) {
    return wordAt(parts, index * 2 * word + word);
  }

  long name() {
    return name;
  }

  int nameLength() {
    return nameLength;
  }

  /// How many bytes there are to send.
  public long total() {
    return total;
  }

  /// How many of them are sent.
  public long sent() {
    return sent;
  }

  /// So many more are sent.
  public void advance(int count) {
    sent += count;
  }

  public boolean isComplete() {
    return sent >= total;
  }

  public int controlLength() {
    return controlLength;
  }

  /// Copies the control messages, as they are in the caller's ABI.
  public void copyControl(Call call, NativeBytes to) {
    call.memory().copy(control, to, controlLength());
  }

  /// Copies up to `want` bytes that follow the first `from`. Returns how many there are, or
  /// -EFAULT.
  public int copyData(Call call, long from, NativeBytes to, int want) {
    long skip = from;
    int copied = 0;
    for (int i = 0; i < partCount && copied < want; i++) {
      long length = partLength(i);
      if (skip >= length) {
        skip -= length;
        continue;
      }
      int count = (int) Math.min(length - skip, want - copied);
      int read = ProcessMemory.read(call.tid(), partAddress(i) + skip, to, copied, count);
      if (read != count) {
        call.validate();
        return -Errno.EFAULT.number();
      }
      copied += count;
      skip = 0;
    }
    call.validate();
    return copied;
  }
}
