package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.kernel.SeccompNotif;
import dev.sluice.supervisor.policy.Edition;
import dev.sluice.supervisor.policy.SafetyClass;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Callers;
import dev.sluice.supervisor.target.Progress;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// The calls of one listener: each has a place in the journal and, while it is open, a slot. Taken
/// and given on the event loop; workers hand theirs back through a queue.
final class Slots {
  /// How many calls may be open at once: the kernel's list of them is linear (1,000 make a round
  /// trip ten times slower).
  static final int CAPACITY = 512;

  /// Where a call is received.
  record Place(int index, SeccompNotif notif, Progress progress) {}

  private final Journal journal;
  private final Callers callers;
  private final SlotPool pool;
  private final ArrayDeque<Place> free = new ArrayDeque<>();
  private int places;

  Slots(Journal journal, Callers callers, SlotPool pool) {
    this.journal = journal;
    this.callers = callers;
    this.pool = pool;
  }

  /// Whether a call that is not answered at once leaves a slot for the next.
  boolean hasRoom() {
    if (places == journal.slots() && free.isEmpty()) {
      pool.collect();
    }
    return places < journal.slots() || !free.isEmpty();
  }

  /// A slot of zeros. There is one as long as [#hasRoom] was heeded.
  Slot take() {
    Slot slot = pool.take(); // first, as it may give us places
    Place place = free.pollLast();
    return in(place != null ? place : nextPlace(), slot);
  }

  /// One that has not been taken before, as the journal has it: first come those with the calls of
  /// somebody before us.
  Slot takeNext() {
    return in(nextPlace(), pool.take());
  }

  private Place nextPlace() {
    if (places == journal.slots()) {
      throw new IllegalStateException("every slot is taken");
    }
    var place = new Place(places, journal.notif(places), journal.progress(places));
    places++;
    return place;
  }

  private Slot in(Place place, @Nullable Slot slot) {
    if (slot == null) {
      return new Slot(this, place, new Call(place.notif, callers, place.progress));
    }
    slot.place(this, place);
    slot.call.place(place.notif, callers, place.progress);
    return slot;
  }

  /// The call of `slot` is over.
  void give(Slot slot) {
    slot.endRelayed();
    slot.call.end();
    slot.notif().clear();
    slot.decide(null, Verdict.CONTINUE, SafetyClass.REGISTERS);
    slot.edition = Edition.NONE;
    slot.counted = null;
    slot.stopped = null;
    slot.early = null;
    slot.given = Answers.NOT_GIVEN;
    slot.waitsForRoom = false;
    slot.isOver = false;
    // whoever sees it next is given the slot through a queue
    slot.answered.setPlain(false);
    VarHandle.releaseFence(); // a slot that says less of its call than it did has none
    journal.setState(slot.index(), Journal.RECEIVED);
    free.addLast(slot.place());
    pool.give(slot);
  }

  /// The same, from a worker.
  void giveBack(Slot slot) {
    slot.endRelayed();
    slot.call.letGo();
    pool.giveBack(slot);
  }

  void answered(Slot slot) {
    journal.setState(slot.index(), Journal.ANSWERED);
  }

  /// There are no calls any more.
  void close() {
    journal.close();
  }
}
