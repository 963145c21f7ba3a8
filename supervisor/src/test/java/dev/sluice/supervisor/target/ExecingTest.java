package dev.sluice.supervisor.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.Processes;
import dev.sluice.supervisor.kernel.SeccompNotif;
import dev.sluice.supervisor.syscall.Arch;
import org.junit.jupiter.api.Test;

class ExecingTest {
  private static final int MAX = 4;

  /// A process id that is nobody's: there is none above 4,194,304.
  private static final int NOBODY = 1 << 23;

  private final Execing execing = new Execing(MAX);
  private final int alive = (int) ProcessHandle.current().pid();

  @Test
  void whatHasEndedMakesRoom() {
    assertThat(execing.add(alive)).isTrue();
    for (int i = 0; i < 10 * MAX; i++) {
      assertThat(execing.add(NOBODY + i)).isTrue();
    }
    assertThat(execing.contains(alive)).isTrue();
    assertThat(execing.contains(NOBODY)).isFalse();
    assertThat(execing.contains(NOBODY + 10 * MAX - 1)).isTrue();
  }

  @Test
  void thereAreNoMoreThanThat() {
    var full = new Execing(1);
    assertThat(full.add(alive)).isTrue();
    assertThat(full.add(alive)).as("once more").isTrue();
    assertThat(full.add((int) ProcessHandle.current().parent().orElseThrow().pid())).isFalse();
    full.clear();
    assertThat(full.contains(alive)).isFalse();
  }

  /// Nor is anything looked for.
  @Test
  void aTableThatKeepsNothingRemembersNobody() {
    assertThat(Processes.gettid()).as("not the first thread").isNotEqualTo(alive);
    var notif = new SeccompNotif(NativeBytes.allocate(SeccompNotif.SIZE));
    notif.set(1, Processes.gettid(), 0, Arch.host().audit());
    var call = new Call(notif, Calls.nobody(), Progress.NONE);
    TaskTable.keepingNothing().expect(IdentityChange.PROGRAM, call);
    assertThat(call.hasTask()).isFalse();
  }
}
