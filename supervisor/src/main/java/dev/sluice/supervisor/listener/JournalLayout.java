package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.kernel.SeccompNotif;
import java.nio.ByteBuffer;

/// Where things are in the file of a journal: its first 64 bytes say so, from version 1 on in this
/// form.
///
///     0   magic, a long          24  notif: offset in a slot of the struct seccomp_notif
///     8   version                28  state: offset in a slot
///     12  size of the head       32  changes: offset in a slot of the two changes
///     16  size of a slot         36  size of a change
///     20  slots
///
/// The state of a slot is an int: 0 received, 1 or 2 the first or second of the changes is being
/// made, 3 answered. A change is an int, the [dev.sluice.supervisor.target.Effect]; at 8 its base;
/// at 16 how far it has come, and at 24 its result, longs all. A slot whose id is 0 is free.
///
/// @param head its size
record JournalLayout(
    int version, int head, int slot, int slots, int notif, int state, int changes, int change) {
  static final long MAGIC = 0x6c616e726a756c73L; // "slujrnal"
  static final int VERSION = 1;
  static final int HEAD_SIZE = 64;
  static final int CHANGE_SIZE = 32;
  private static final int STATE = 0;
  private static final int NOTIF = 16;
  private static final int CHANGES = NOTIF + 80;

  /// Three lines of a cache, so that no two calls share one.
  static final int SLOT_SIZE = 192;

  private static final int MAX_SLOTS = 1 << 16;

  /// Ours.
  static JournalLayout of(int slots) {
    return new JournalLayout(
        VERSION, HEAD_SIZE, SLOT_SIZE, slots, NOTIF, STATE, CHANGES, CHANGE_SIZE);
  }

  /// That of a file. Throws if it is no journal.
  static JournalLayout read(ByteBuffer file) throws UnreadableJournalException {
    if (file.limit() < HEAD_SIZE || file.getLong(0) != MAGIC) {
      throw new UnreadableJournalException("it is no journal");
    }
    var layout =
        new JournalLayout(
            file.getInt(8),
            file.getInt(12),
            file.getInt(16),
            file.getInt(20),
            file.getInt(24),
            file.getInt(28),
            file.getInt(32),
            file.getInt(36));
    if (!layout.isWithin(file.limit())) {
      throw new UnreadableJournalException("it is no journal, or only a part of one");
    }
    return layout;
  }

  private boolean isWithin(int size) {
    return head >= HEAD_SIZE
        && slots >= 0
        && slots <= MAX_SLOTS
        && fits(notif, SeccompNotif.SIZE)
        && fits(state, Integer.BYTES)
        && (version != VERSION || (change >= CHANGE_SIZE && fits(changes, 2L * change)))
        && head + (long) slots * slot <= size;
  }

  private boolean fits(int offset, long size) {
    return offset >= 0 && offset + size <= slot;
  }

  void write(ByteBuffer file) {
    file.putLong(0, MAGIC);
    int[] fields = {version, head, slot, slots, notif, state, changes, change};
    for (int i = 0; i < fields.length; i++) {
      file.putInt(8 + 4 * i, fields[i]);
    }
  }

  long size() {
    return head + (long) slots * slot;
  }

  /// Where the `index`th slot begins.
  int at(int index) {
    return head + index * slot;
  }
}
