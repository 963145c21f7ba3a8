package dev.sluice.supervisor.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.Processes;
import dev.sluice.supervisor.kernel.SeccompNotif;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/// With a pipe in the place of a listener: to read from it may wait, too.
class SharedReceiveTest {
  @Test
  void whatWaitsIsInterruptedAndWhatDoesNotIsNot() {
    NativeBytes ends = NativeBytes.allocate(2 * Integer.BYTES);
    assertThat(Files.pipe(ends)).isZero();
    int from = ends.getInt(0);
    int to = ends.getInt(Integer.BYTES);
    try (var workers = new Workers()) {
      List<Integer> received = received(workers, from, to);

      assertThat(received).containsExactly(1, -Errno.EINTR.number(), 1, -Errno.EINTR.number(), 1);
    } finally {
      Files.close(from);
      Files.close(to);
    }
  }

  private static List<Integer> received(Workers workers, int from, int to) {
    NativeBytes one = NativeBytes.allocate(1);
    var notif = new SeccompNotif(NativeBytes.allocate(SeccompNotif.SIZE));
    var received = new CompletableFuture<List<Integer>>();
    Thread thread =
        new Thread(() -> {
          EventLoop.prepareThread();
          var shared =
              new SharedReceive(workers, Processes.gettid(), (fd, _) -> Files.read(fd, one));
          var results = new ArrayList<Integer>();
          for (boolean isThere : new boolean[] {true, false, true, false, true}) {
            if (isThere) {
              Files.write(to, one, 1);
            }
            results.add(shared.receive(from, notif));
          }
          received.complete(results);
        });
    thread.start();
    return received.join();
  }
}
