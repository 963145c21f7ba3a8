package dev.sluice.supervisor.handler.hide;

import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.target.Text;

/// What getdents64(2) or getdents(2) has written: entries of different lengths, one behind the
/// other. On 64-bit machines both begin with inode, offset of the next entry and length.
final class DirectoryEntries {
  /// The longest: a name of 255 bytes, with what stands around it, aligned.
  static final int MAX_ENTRY = 280;

  private static final int NEXT = 8;
  private static final int LENGTH = 16;

  /// linux_dirent64 has the type before the name, linux_dirent in the last byte.
  private static final int NAME = 19;

  private static final int OLD_NAME = 18;

  private final NativeBytes bytes;
  private final int nameAt;

  /// @param old whether it was getdents(2)
  DirectoryEntries(NativeBytes bytes, boolean old) {
    this.bytes = bytes;
    this.nameAt = old ? OLD_NAME : NAME;
  }

  /// The length of the entry at `offset`.
  int length(int offset) {
    return Short.toUnsignedInt(bytes.getShort(offset + (long) LENGTH));
  }

  /// Where in the directory the one behind the entry at `offset` lies (telldir(3)).
  long next(int offset) {
    return bytes.getLong(offset + (long) NEXT);
  }

  /// The kernel leaves what is behind a name as it was.
  void clearPadding(int offset) {
    int end = offset + length(offset) - (nameAt == OLD_NAME ? 1 : 0);
    for (int at = bytes.indexOfNul(offset + nameAt, end); at < end; at++) {
      bytes.putByte(at, (byte) 0);
    }
  }

  /// Appends the name of the entry at `offset`.
  void appendName(int offset, Text to) {
    int from = offset + nameAt;
    to.append(bytes, from, bytes.indexOfNul(from, offset + length(offset)) - from);
  }

  /// Whether the entry at `offset` is the directory itself, or the one above it.
  boolean isDots(int offset) {
    int name = offset + nameAt;
    int end = bytes.getByte(name + 1L) == '.' ? name + 2 : name + 1;
    return bytes.getByte(name) == '.' && bytes.getByte(end) == 0;
  }

  /// How many bytes of the first `limit` are whole entries.
  ///
  /// @param size where the entries end
  int whole(int limit, int size) {
    int end = 0;
    while (end < size && end + length(end) <= limit) {
      end += length(end);
    }
    return end;
  }

  /// The offset in the directory behind the first `end` bytes, which are whole entries.
  long nextBehind(int end) {
    int last = 0;
    while (last + length(last) < end) {
      last += length(last);
    }
    return next(last);
  }
}
