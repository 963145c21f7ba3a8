package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.policy.SafetyClass;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Callers;
import java.lang.invoke.VarHandle;
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

  Slots(Journal journal, Callers callers) {
    this.journal = journal;
    this.callers = callers;
  }

  /// Whether a call that is not answered at once leaves a slot for the next.
  boolean hasRoom() {
    return made < journal.slots() || !free.isEmpty();
  }

  /// A slot of zeros. There is one as long as [#hasRoom] was heeded.
  Slot take() {
    for (Slot slot = returned.poll(); slot != null; slot = returned.poll()) {
      give(slot);
    }
    Slot slot = free.pollLast();
    return slot != null ? slot : takeNext();
  }

  /// One that has not been taken before, as the journal has it: first come those with the calls of
  /// somebody before us.
  Slot takeNext() {
    var notif = journal.notif(made);
    var call = new Call(notif, callers, journal.progress(made));
    return new Slot(made++, notif, call);
  }

  /// The call of `slot` is over.
  void give(Slot slot) {
    slot.endRelayed();
    slot.call.end();
    slot.notif.clear();
    slot.decide(null, Verdict.CONTINUE, SafetyClass.REGISTERS);
    slot.counted = null;
    slot.stopped = null;
    // whoever sees it next is given the slot through a queue
    slot.answered.setPlain(false);
    VarHandle.releaseFence(); // a slot that says less of its call than it did has none
    journal.setState(slot.index, Journal.RECEIVED);
    free.addLast(slot);
  }

  /// The same, from a worker.
  void giveBack(Slot slot) {
    slot.endRelayed();
    slot.call.letGo();
    returned.add(slot);
  }

  void answered(Slot slot) {
    journal.setState(slot.index, Journal.ANSWERED);
  }

  /// There are no calls any more.
  void close() {
    journal.close();
  }
}
