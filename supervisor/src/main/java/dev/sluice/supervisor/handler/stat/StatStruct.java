package dev.sluice.supervisor.handler.stat;

import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.Stat;
import dev.sluice.supervisor.kernel.Stat.Time;
import dev.sluice.supervisor.target.Call;

/// The forms of `struct stat` that the stat calls of an ABI fill in.
enum StatStruct {
  /// asm/stat.h of x86-64.
  X86_64(144),
  /// asm-generic/stat.h, which arm64 has.
  GENERIC(128),
  /// `struct __old_kernel_stat` of i386.
  I386_OLD(32),
  /// `struct stat` of i386.
  I386(64),
  /// `struct stat64` of i386.
  I386_64(96);

  /// The most that one has.
  static final int MAX = 144;

  /// What an id of 16 bits cannot hold (kernel.overflowuid).
  private static final int OVERFLOW_ID = 65534;

  private static final long MAX_NON_LFS = 0x7fffffff;

  /// In `struct stat64` the kernel writes every field for itself, and leaves these alone.
  private static final int FIRST_GAP = 8;

  private static final int SECOND_GAP = 40;
  private static final int GAP_SIZE = 4;

  private final int size;

  StatStruct(int size) {
    this.size = size;
  }

  static StatStruct of(Call call) {
    return switch (call.arch()) {
      case X86_64 -> X86_64;
      case AARCH64 -> GENERIC;
      case I386 ->
          switch (call.name()) {
            case "oldstat", "oldlstat" -> I386_OLD;
            case "stat", "lstat" -> I386;
            default -> I386_64;
          };
    };
  }

  /// Fills in the first bytes of `to`. Returns whether everything has room; else it is EOVERFLOW.
  boolean fill(Stat stat, NativeBytes to) {
    for (int i = 0; i < size; i += Long.BYTES) {
      to.putLong(i, 0);
    }
    return switch (this) {
      case X86_64 -> fillX86(stat, to);
      case GENERIC -> fillGeneric(stat, to);
      case I386_OLD -> fillOld(stat, to);
      case I386 -> fillI386(stat, to);
      case I386_64 -> fillI386Wide(stat, to);
    };
  }

  private static boolean fillX86(Stat stat, NativeBytes to) {
    to.putLong(0, stat.dev());
    to.putLong(8, stat.ino());
    to.putLong(16, stat.nlink());
    to.putInt(24, stat.mode());
    to.putInt(28, stat.uid());
    to.putInt(32, stat.gid());
    to.putLong(40, stat.rdev());
    to.putLong(48, stat.length());
    to.putLong(56, stat.blockSize());
    to.putLong(64, stat.blocks());
    putTimes(stat, to, 72);
    return true;
  }

  private static boolean fillGeneric(Stat stat, NativeBytes to) {
    to.putLong(0, stat.dev());
    to.putLong(8, stat.ino());
    to.putInt(16, stat.mode());
    to.putInt(20, stat.nlink());
    to.putInt(24, stat.uid());
    to.putInt(28, stat.gid());
    to.putLong(32, stat.rdev());
    to.putLong(48, stat.length());
    to.putInt(56, stat.blockSize());
    to.putLong(64, stat.blocks());
    putTimes(stat, to, 72);
    return true;
  }

  private static void putTimes(Stat stat, NativeBytes to, int offset) {
    putTime(stat, Time.ACCESS, to, offset);
    putTime(stat, Time.MODIFICATION, to, offset + 16L);
    putTime(stat, Time.CHANGE, to, offset + 32L);
  }

  private static void putTime(Stat stat, Time time, NativeBytes to, long offset) {
    to.putLong(offset, stat.seconds(time));
    to.putLong(offset + 8, stat.nanoseconds(time));
  }

  private static boolean fillOld(Stat stat, NativeBytes to) {
    if (!isShort(stat.ino()) || !isShort(stat.nlink())) {
      return false;
    }
    to.putShort(0, oldDevice(stat.dev()));
    to.putShort(2, (short) stat.ino());
    to.putShort(4, (short) stat.mode());
    to.putShort(6, (short) stat.nlink());
    to.putShort(8, oldId(stat.uid()));
    to.putShort(10, oldId(stat.gid()));
    to.putShort(12, oldDevice(stat.rdev()));
    to.putInt(16, (int) stat.length());
    to.putInt(20, (int) stat.seconds(Time.ACCESS));
    to.putInt(24, (int) stat.seconds(Time.MODIFICATION));
    to.putInt(28, (int) stat.seconds(Time.CHANGE));
    return true;
  }

  private static boolean fillI386(Stat stat, NativeBytes to) {
    boolean fits =
        stat.ino() >>> Integer.SIZE == 0
            && isShort(stat.nlink())
            && Long.compareUnsigned(stat.length(), MAX_NON_LFS) <= 0;
    if (!fits) {
      return false;
    }
    to.putInt(0, (int) stat.dev());
    to.putInt(4, (int) stat.ino());
    to.putShort(8, (short) stat.mode());
    to.putShort(10, (short) stat.nlink());
    to.putShort(12, oldId(stat.uid()));
    to.putShort(14, oldId(stat.gid()));
    to.putInt(16, (int) stat.rdev());
    to.putInt(20, (int) stat.length());
    to.putInt(24, stat.blockSize());
    to.putInt(28, (int) stat.blocks());
    putShortTimes(stat, to, 32);
    return true;
  }

  private static boolean fillI386Wide(Stat stat, NativeBytes to) {
    to.putLong(0, stat.dev());
    to.putInt(12, (int) stat.ino());
    to.putInt(16, stat.mode());
    to.putInt(20, stat.nlink());
    to.putInt(24, stat.uid());
    to.putInt(28, stat.gid());
    to.putLong(32, stat.rdev());
    to.putLong(44, stat.length());
    to.putInt(52, stat.blockSize());
    to.putLong(56, stat.blocks());
    putShortTimes(stat, to, 64);
    to.putLong(88, stat.ino());
    return true;
  }

  private static void putShortTimes(Stat stat, NativeBytes to, int offset) {
    putShortTime(stat, Time.ACCESS, to, offset);
    putShortTime(stat, Time.MODIFICATION, to, offset + 8L);
    putShortTime(stat, Time.CHANGE, to, offset + 16L);
  }

  private static void putShortTime(Stat stat, Time time, NativeBytes to, long offset) {
    to.putInt(offset, (int) stat.seconds(time));
    to.putInt(offset + 4, stat.nanoseconds(time));
  }

  private static boolean isShort(long number) {
    return number >>> Short.SIZE == 0;
  }

  private static short oldId(int id) {
    return (short) (isShort(Integer.toUnsignedLong(id)) ? id : OVERFLOW_ID);
  }

  /// `old_encode_dev` (linux/kdev_t.h).
  private static short oldDevice(long dev) {
    return (short) ((Stat.major(dev) & 0xff) << 8 | (Stat.minor(dev) & 0xff));
  }

  /// Writes what is in `from` to `address` of the caller's memory. Throws [Abort] with EFAULT.
  void write(Call call, long address, NativeBytes from) {
    if (this != I386_64) {
      call.memory().write(address, from, size);
      return;
    }
    int first = FIRST_GAP + GAP_SIZE;
    int second = SECOND_GAP + GAP_SIZE;
    call.memory().write(address, from, FIRST_GAP);
    call.memory().write(address + first, from, first, SECOND_GAP - first);
    call.memory().write(address + second, from, second, size - second);
  }
}
