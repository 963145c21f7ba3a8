package dev.sluice.supervisor.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.Processes;
import dev.sluice.supervisor.kernel.SeccompNotif;
import dev.sluice.supervisor.syscall.Arch;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RootChangesTest {
  /// A thread id that is nobody's: there is none above 4,194,304.
  private static final int NOBODY = 1 << 23;

  private final TaskTable table = new TaskTable(new KeptTasks(10));
  private final int self = Processes.gettid();

  private void heard(int tid, IdentityChange change) {
    var notif = new SeccompNotif(NativeBytes.allocate(SeccompNotif.SIZE));
    notif.set(1, tid, 0, Arch.host().audit());
    table.expect(change, new Call(notif, Calls.nobody(), Progress.NONE));
  }

  private boolean knowsSelf() {
    return table.peek(self, System.nanoTime()) != null;
  }

  @Test
  void nobodyIsKnownUntilTheThreadIsHeardOf() throws IOException, InterruptedException {
    Process other = new ProcessBuilder("cat").start();
    int pid = (int) other.pid();
    table.keep(Task.look(self, Proc.ownIdentity()));
    heard(self, IdentityChange.NONE);
    assertThat(knowsSelf()).isTrue();

    heard(pid, IdentityChange.ROOT);
    assertThat(knowsSelf()).isFalse();
    assertThat(table.isKeeping()).isFalse();
    heard(self, IdentityChange.NONE);
    assertThat(table.isKeeping()).as("another is heard of").isFalse();
    heard(pid, IdentityChange.ROOT);
    assertThat(table.isKeeping()).as("it changes another").isFalse();
    heard(pid, IdentityChange.NONE);
    assertThat(table.isKeeping()).isTrue();

    heard(pid, IdentityChange.ROOT);
    assertThat(table.isKeeping()).isFalse();
    other.destroyForcibly().waitFor();
    assertThat(table.isKeeping()).as("it has ended").isTrue();
  }

  @Test
  void whereTooManyAreUnderWayAllAreLookedAtForEver() {
    for (int i = 0; i < 3 * RootChanges.MAX; i++) {
      heard(NOBODY + i, IdentityChange.ROOT);
    }
    assertThat(table.isKeeping()).as("they have all ended").isTrue();

    try (var parked = new ParkedThreads()) {
      List<Integer> threads = Stream.generate(parked::start).limit(RootChanges.MAX + 1).toList();
      for (int round = 0; round < 2; round++) {
        threads.subList(1, threads.size()).forEach(tid -> heard(tid, IdentityChange.ROOT));
      }
      threads.forEach(tid -> heard(tid, IdentityChange.NONE));
      assertThat(table.isKeeping()).isTrue();

      threads.forEach(tid -> heard(tid, IdentityChange.ROOT));
      threads.forEach(tid -> heard(tid, IdentityChange.NONE));
      assertThat(table.isKeeping()).isFalse();
    }
  }
}
