package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.policy.SafetyClass;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Callers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/// The slots of one listener. Taken and given on the event loop; workers hand theirs back through a
/// queue.
final class Slots {
  /// How many calls may be open at once: the kernel's list of them is linear (1,000 make a round
  /// trip ten times slower).
  static final int CAPACITY = 512;

  private final Journal journal;
  private final Callers callers;
  private final ArrayDeque<Slot> free = new ArrayDeque<>(CAPACITY);
  private final Queue<Slot> returned = new ConcurrentLinkedQueue<>();
  private int made;

  Slots(Path file, Callers callers) throws IOException {
    this.journal = Journal.create(file, CAPACITY);
    this.callers = callers;
  }

  /// Whether a call that is not answered at once leaves a slot for the next.
  boolean hasRoom() {
    return made < CAPACITY || !free.isEmpty();
  }

  /// A slot of zeros. There is one as long as [#hasRoom] was heeded.
  Slot take() {
    for (Slot slot = returned.poll(); slot != null; slot = returned.poll()) {
      give(slot);
    }
    Slot slot = free.pollLast();
    if (slot != null) {
      return slot;
    }
    var notif = journal.notif(made);
    return new Slot(made++, notif, new Call(notif, callers));
  }

  /// The call of `slot` is over.
  void give(Slot slot) {
    slot.call.end();
    slot.notif.clear();
    slot.decide(null, Verdict.CONTINUE, SafetyClass.REGISTERS);
    slot.counted = null;
    slot.stopped = null;
    // whoever sees it next is given the slot through a queue
    slot.answered.setPlain(false);
    journal.setState(slot.index, Journal.RECEIVED);
    free.addLast(slot);
  }

  /// The same, from a worker.
  void giveBack(Slot slot) {
    slot.call.letGo();
    returned.add(slot);
  }

  void acting(Slot slot) {
    journal.setState(slot.index, Journal.ACTING);
  }

  void answered(Slot slot) {
    journal.setState(slot.index, Journal.ANSWERED);
  }
}
