package dev.sluice.supervisor.listener;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/// The slots of an event loop, used again by whichever of its listeners has a call: there are as
/// many as calls were open at once, and not as many as each listener ever had. Belongs to the loop;
/// workers hand theirs back through a queue.
final class SlotPool {
  private final ArrayDeque<Slot> free = new ArrayDeque<>();
  private final Queue<Slot> returned = new ConcurrentLinkedQueue<>();

  /// One that was used before; null if there is none.
  @Nullable Slot take() {
    collect();
    return free.pollLast();
  }

  /// Takes what workers have handed back.
  void collect() {
    for (Slot slot = returned.poll(); slot != null; slot = returned.poll()) {
      slot.owner().give(slot);
    }
  }

  void give(Slot slot) {
    free.addLast(slot);
  }

  /// From a worker.
  void giveBack(Slot slot) {
    returned.add(slot);
  }
}
