package dev.sluice.supervisor.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.Calls;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SlotsTest {
  private final SlotPool pool = new SlotPool();
  private Path file;
  private Slots slots;

  @BeforeEach
  void makeSlots(@TempDir Path directory) throws IOException {
    file = directory.resolve("journal");
    slots = new Slots(Journal.replace(file, Slots.CAPACITY, List.of()), Calls.nobody(), pool);
  }

  @Test
  void thereAreAsManyAsThereIsRoomForAndNoTwoAreTheSame() {
    var taken = new HashSet<Integer>();
    while (slots.hasRoom()) {
      taken.add(slots.take().index());
    }
    assertThat(taken).hasSize(Slots.CAPACITY);
  }

  /// What somebody who comes after a crash finds.
  @Test
  void theJournalHasTheCallsThatAreNotOver() throws IOException {
    slots.take();
    Slot slot = slots.take();
    slot.notif().set(0x1234_5678_9abcL, 42, 257, Arch.X86_64.audit());
    assertThat(OpenCall.read(file)).hasSize(1);
    OpenCall open = OpenCall.read(file).getFirst();
    assertThat(open.unfinished()).isEmpty();
    assertThat(open.lost()).isFalse();
    assertThat(Recovery.of(open)).isEqualTo(new Recovery(Optional.empty(), Optional.empty()));

    slots.give(slot);
    assertThat(OpenCall.read(file)).isEmpty();
  }

  @Test
  void whatAWorkerGivesBackIsTakenAgainAndIsZeroed() {
    Slot slot = slots.take();
    slot.notif().set(7, 42, 257, Arch.X86_64.audit());
    slot.answered.set(true);
    slots.giveBack(slot);
    Slot again = slots.take();
    assertThat(again).isSameAs(slot);
    assertThat(again.notif().id()).isZero();
    assertThat(again.answered.get()).isFalse();
  }

  /// However many listeners there are.
  @Test
  void thereAreAsManySlotsAsCallsWereOpenAtOnce() {
    Set<Slot> all = Collections.newSetFromMap(new IdentityHashMap<>());
    for (int listener = 0; listener < 5; listener++) {
      var others = new Slots(Journal.inMemory(Slots.CAPACITY), Calls.nobody(), pool);
      List<Slot> open = Stream.generate(others::take).limit(100).toList();
      assertThat(open).extracting(Slot::index).doesNotHaveDuplicates();
      others.answered(open.getFirst());
      all.addAll(open);
      open.forEach(others::giveBack); // by workers
    }
    assertThat(all).hasSize(100);
    for (int i = 0; i < Slots.CAPACITY; i++) {
      assertThat(slots.hasRoom()).isTrue();
      assertThat(slots.take().owner()).isSameAs(slots);
    }
    assertThat(slots.hasRoom()).isFalse();
  }

  /// What a listener that has ended had at work comes back later.
  @Test
  void aSlotComesBackToAListenerThatHasEnded() {
    Slot slot = slots.take();
    slots.close();
    slots.giveBack(slot);
    assertThat(pool.take()).isSameAs(slot);
  }
}
