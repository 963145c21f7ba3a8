package dev.sluice.supervisor.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.Effect;
import dev.sluice.supervisor.target.Progress;
import dev.sluice.supervisor.target.Unfinished;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// What somebody finds who comes after a crash, and what becomes of it.
class JournalTest {
  private static final int SLOTS = 4;
  private static final int EINTR = Errno.EINTR.number();
  private static final int EIO = Errno.EIO.number();

  private Path file;

  @BeforeEach
  void setFile(@TempDir Path directory) {
    file = directory.resolve("journal");
  }

  /// A call that is received, and a change of it.
  private void receive(Effect effect, long base) throws IOException {
    try (var journal = Journal.replace(file, SLOTS, List.of())) {
      journal.notif(0).set(7, 42, 257, Arch.X86_64.audit());
      Progress progress = journal.progress(0);
      progress.means(effect, base);
      place = progress.mark();
    }
  }

  private long place;

  /// What a worker does.
  private void note(long... longs) throws IOException {
    var bytes = ByteBuffer.allocate(8 * longs.length).order(ByteOrder.nativeOrder());
    bytes.asLongBuffer().put(longs);
    try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(bytes, place);
    }
  }

  private OpenCall found() throws IOException {
    List<OpenCall> calls = OpenCall.read(file);
    assertThat(calls).hasSize(1);
    return calls.getFirst();
  }

  @Test
  void aChangeIsFoundAsFarAsItHasCome() throws IOException {
    receive(Effect.PART, 4096);
    assertThat(found().unfinished())
        .contains(new Unfinished(Effect.PART, 4096, Unfinished.Stage.NOT_BEGUN, 0));
    note(Progress.BEGUN);
    assertThat(found().unfinished().orElseThrow().stage()).isEqualTo(Unfinished.Stage.BEGUN);
    note(Progress.MADE, 100);
    assertThat(found().unfinished())
        .contains(new Unfinished(Effect.PART, 4096, Unfinished.Stage.MADE, 100));
  }

  @Test
  void theNextChangeTakesThePlaceOfTheOneBefore() throws IOException {
    try (var journal = Journal.replace(file, SLOTS, List.of())) {
      journal.notif(1).set(7, 42, 257, Arch.X86_64.audit());
      Progress progress = journal.progress(1);
      for (int i = 0; i < 3; i++) {
        progress.means(Effect.PART, i);
        place = progress.mark();
        note(Progress.MADE, 10 + i);
      }
      progress.means(Effect.PART, 3);
      place = progress.mark();
    }
    assertThat(found().unfinished().orElseThrow())
        .matches(change -> change.base() == 3 && change.stage() == Unfinished.Stage.NOT_BEGUN);
  }

  @Test
  void whoeverComesNextHasTheSameCalls() throws IOException {
    receive(Effect.CREATION, 0);
    note(Progress.MADE, 3);
    OpenCall before = found();
    try (var journal = Journal.replace(file, SLOTS, List.of(before))) {
      assertThat(journal.notif(0).id()).isEqualTo(7);
      assertThat(journal.notif(0).pid()).isEqualTo(42);
      assertThat(journal.notif(1).id()).isZero();
    }
    assertThat(found().unfinished()).isEqualTo(before.unfinished());
  }

  /// Another build may have other things in other places.
  @ParameterizedTest
  @CsvSource({"1, 4711", "2, -5"})
  void aJournalOfAnotherLayoutIsReadToo(int version, int answer) throws IOException {
    var layout = new JournalLayout(version, 96, 320, 3, 200, 12, 24, 48);
    var bytes = ByteBuffer.allocate((int) layout.size()).order(ByteOrder.nativeOrder());
    layout.write(bytes);
    int at = layout.at(2);
    bytes.putLong(at + 200, 7);
    bytes.putInt(at + 12, Journal.SECOND);
    bytes.putInt(at + 24 + 48, Effect.RESULT.code());
    bytes.putLong(at + 24 + 48 + 16, Progress.MADE);
    bytes.putLong(at + 24 + 48 + 24, 4711);
    bytes.putLong(layout.at(0) + 200, 6);
    Files.write(file, bytes.array());

    List<OpenCall> calls = OpenCall.read(file);
    assertThat(calls).hasSize(2);
    // what has changed nothing yet is decided as ever
    assertThat(Recovery.of(calls.getFirst())).isEqualTo(again());
    assertThat(Recovery.of(calls.getLast())).isEqualTo(answer(answer));
  }

  @Test
  void whatIsNoJournalIsNotTakenForOne() throws IOException {
    Files.write(file, new byte[4096]);
    assertThatThrownBy(() -> OpenCall.read(file)).hasMessage("it is no journal");
    receive(Effect.RESULT, 0);
    Files.write(file, java.util.Arrays.copyOf(Files.readAllBytes(file), 200));
    assertThatThrownBy(() -> OpenCall.read(file))
        .hasMessage("it is no journal, or only a part of one");
  }

  private Recovery recovery(Effect effect, long... noted) throws IOException {
    receive(effect, 0);
    if (noted.length > 0) {
      note(noted);
    }
    return Recovery.of(found());
  }

  private static Recovery again() {
    return new Recovery(Optional.empty(), Optional.empty());
  }

  private static Recovery answer(long result) {
    Verdict verdict = result < 0 ? Verdict.Fail.of((int) -result) : Verdict.Return.of(result);
    return new Recovery(Optional.of(verdict), Optional.empty());
  }

  @Test
  void aResultIsTheAnswerAndNothingIsDoneAgain() throws IOException {
    assertThat(recovery(Effect.RESULT)).isEqualTo(again());
    assertThat(recovery(Effect.RESULT, Progress.MADE, 0)).isEqualTo(answer(0));
    assertThat(recovery(Effect.RESULT, Progress.MADE, -17)).isEqualTo(answer(-17));
    assertThat(recovery(Effect.RESULT, Progress.MADE, -EINTR)).isEqualTo(again());
  }

  /// Whoever made it was killed in the middle of it.
  @ParameterizedTest
  @EnumSource
  void whatNobodyKnowsIsNotDoneAgain(Effect effect) throws IOException {
    Recovery recovery = recovery(effect, Progress.BEGUN);
    if (effect.isRepeatable()) {
      assertThat(recovery.answer()).isEmpty();
    } else {
      assertThat(recovery).isEqualTo(answer(-EIO));
    }
  }

  @Test
  void whatWasATrialIsUndone() throws IOException {
    assertThat(recovery(Effect.TRIAL)).isEqualTo(again());
    assertThat(recovery(Effect.TRIAL, Progress.MADE, 0).unfinished()).isPresent();
    assertThat(recovery(Effect.TRIAL, Progress.MADE, -17)).isEqualTo(again());
    assertThat(recovery(Effect.UNDOING).unfinished()).isPresent();
    assertThat(recovery(Effect.UNDOING, Progress.MADE, 0)).isEqualTo(again());
    assertThat(recovery(Effect.ON_TRIAL).unfinished()).isPresent();
    assertThat(recovery(Effect.ON_TRIAL, Progress.MADE, 0)).isEqualTo(answer(0));
  }
}
