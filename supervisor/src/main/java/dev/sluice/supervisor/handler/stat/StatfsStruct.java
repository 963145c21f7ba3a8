package dev.sluice.supervisor.handler.stat;

import dev.sluice.supervisor.kernel.NativeBytes;

/// What statfs and statfs64 of i386 fill in, made of what statfs of 64 bits does: type, block size,
/// five counts, the id, the longest name, fragment size and flags (statfs(2)).
enum StatfsStruct {
  /// `struct compat_statfs`: everything has 32 bits.
  I386(64),
  /// `struct compat_statfs64`: the counts have 64.
  I386_64(84);

  /// `struct statfs` of 64 bits.
  static final int SIZE = 120;

  private static final int BLOCK_SIZE = 8;
  private static final int COUNTS = 16;
  private static final int FILES = 40;
  private static final int ID = 56;
  private static final int NAME_LENGTH = 64;
  private static final int FRAGMENT_SIZE = 72;
  private static final int FLAGS = 80;

  private final int size;

  StatfsStruct(int size) {
    this.size = size;
  }

  int size() {
    return size;
  }

  /// Makes it of `from`; empty room if something has no room in it, which is EOVERFLOW.
  boolean fill(NativeBytes from, NativeBytes to) {
    if (!fits(from)) {
      return false;
    }
    to.putInt(0, (int) from.getLong(0));
    to.putInt(4, (int) from.getLong(BLOCK_SIZE));
    boolean wide = this == I386_64;
    int offset = 8;
    for (int count = COUNTS; count < ID; count += Long.BYTES) {
      if (wide) {
        to.putLong(offset, from.getLong(count));
      } else {
        to.putInt(offset, (int) from.getLong(count));
      }
      offset += wide ? Long.BYTES : Integer.BYTES;
    }
    to.putLong(offset, from.getLong(ID));
    to.putInt(offset + 8L, (int) from.getLong(NAME_LENGTH));
    to.putInt(offset + 12L, (int) from.getLong(FRAGMENT_SIZE));
    to.putInt(offset + 16L, (int) from.getLong(FLAGS));
    return true;
  }

  private boolean fits(NativeBytes from) {
    long sizes = from.getLong(BLOCK_SIZE) | from.getLong(FRAGMENT_SIZE);
    if (this == I386_64) {
      return isInt(sizes);
    }
    for (int count = COUNTS; count < FILES; count += Long.BYTES) {
      sizes |= from.getLong(count);
    }
    return isInt(sizes) && isIntOrUnknown(from.getLong(FILES)) && isIntOrUnknown(from.getLong(48));
  }

  private static boolean isInt(long number) {
    return number >>> Integer.SIZE == 0;
  }

  /// A file system that counts no files may say -1.
  private static boolean isIntOrUnknown(long number) {
    return number == -1 || isInt(number);
  }
}
