package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.SeccompNotif;
import java.io.IOException;
import java.nio.file.Path;

/// The memory calls are received into: a file, mapped shared, so that it is known after a crash
/// which calls were waiting and how far each had come. A slot is zeroed before it is received into,
/// never while its call is open.
///
/// A slot has 128 bytes: the state, an int, at 0, and the `struct seccomp_notif` at 16. Its id is
/// not zero once a call has been received, whatever the state says.
final class Journal {
  private static final int SLOT_SIZE = 128;
  private static final int STATE = 0;
  private static final int NOTIF = 16;

  static final int RECEIVED = 0;
  static final int ACTING = 1;
  static final int ANSWERED = 2;

  private final NativeBytes memory;
  private final int slots;

  private Journal(NativeBytes memory, int slots) {
    this.memory = memory;
    this.slots = slots;
  }

  static Journal create(Path file, int slots) throws IOException {
    return new Journal(NativeBytes.mapNewFile(file, (long) slots * SLOT_SIZE), slots);
  }

  int slots() {
    return slots;
  }

  SeccompNotif notif(int slot) {
    return new SeccompNotif(memory.slice((long) slot * SLOT_SIZE + NOTIF, SeccompNotif.SIZE));
  }

  void setState(int slot, int state) {
    memory.putInt((long) slot * SLOT_SIZE + STATE, state);
  }
}
