package dev.sluice.supervisor.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.Calls;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SlotsTest {
  private static final int SLOT_SIZE = 128;

  private Path file;
  private Slots slots;

  @BeforeEach
  void makeSlots(@TempDir Path directory) throws IOException {
    file = directory.resolve("journal");
    slots = new Slots(file, Calls.nobody());
  }

  /// What somebody who comes after a crash finds.
  private ByteBuffer journal() throws IOException {
    return ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.nativeOrder());
  }

  @Test
  void thereAreAsManyAsThereIsRoomForAndNoTwoAreTheSame() {
    var taken = new HashSet<Integer>();
    while (slots.hasRoom()) {
      taken.add(slots.take().index);
    }
    assertThat(taken).hasSize(Slots.CAPACITY);
  }

  @Test
  void theJournalSaysHowFarACallHasCome() throws IOException {
    slots.take();
    Slot slot = slots.take();
    slot.notif.set(0x1234_5678_9abcL, 42, 257, Arch.X86_64.audit());
    int at = slot.index * SLOT_SIZE;
    assertThat(journal().getInt(at)).isEqualTo(Journal.RECEIVED);
    assertThat(journal().getLong(at + 16)).isEqualTo(0x1234_5678_9abcL);
    slots.acting(slot);
    assertThat(journal().getInt(at)).isEqualTo(Journal.ACTING);
    slots.answered(slot);
    assertThat(journal().getInt(at)).isEqualTo(Journal.ANSWERED);
    slots.give(slot);
    assertThat(journal().slice(at, SLOT_SIZE)).isEqualTo(ByteBuffer.allocate(SLOT_SIZE));
  }

  @Test
  void whatAWorkerGivesBackIsTakenAgainAndIsZeroed() {
    Slot slot = slots.take();
    slot.notif.set(7, 42, 257, Arch.X86_64.audit());
    slot.answered.set(true);
    slots.giveBack(slot);
    Slot again = slots.take();
    assertThat(again).isSameAs(slot);
    assertThat(again.notif.id()).isZero();
    assertThat(again.answered.get()).isFalse();
  }
}
