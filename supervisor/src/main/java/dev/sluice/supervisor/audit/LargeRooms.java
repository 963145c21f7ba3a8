package dev.sluice.supervisor.audit;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// Memory for the few calls whose paths are long: some of it for all places of a ring, as to give
/// each its own would take a hundred times as much. Any thread may take and give back, without a
/// lock.
final class LargeRooms {
  /// Two paths as given and canonical, three strings, an address and its path.
  static final int SIZE = 9 * 4096;

  private static final int COUNT = 64;

  private final AtomicReferenceArray<byte @Nullable []> rooms = new AtomicReferenceArray<>(COUNT);

  LargeRooms() {
    for (int i = 0; i < COUNT; i++) {
      rooms.set(i, new byte[SIZE]);
    }
  }

  /// Null if none is left.
  byte @Nullable [] take() {
    for (int i = 0; i < COUNT; i++) {
      byte[] room = rooms.get(i) == null ? null : rooms.getAndSet(i, null);
      if (room != null) {
        return room;
      }
    }
    return null;
  }

  void give(byte[] room) {
    for (int i = 0; i < COUNT; i++) {
      if (rooms.compareAndSet(i, null, room)) {
        return;
      }
    }
  }
}
