package dev.sluice.supervisor.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.NotifiedThread;
import dev.sluice.supervisor.policy.Policies;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// With a thread of this process as the target.
class ListenerTest {
  private static final String POLICY =
      """
      sluice: v1
      name: test
      rules:
        - { on: [mkdir, mkdirat], when: path.under("/nowhere"), deny: EACCES }
      """;

  /// A call that goes wrong within us has an answer, and so have more than may be open at once.
  @Test
  void aMistakeOfOursLosesNeitherACallNorASlot() throws IOException {
    try (var target = NotifiedThread.notifying("mkdir");
        var workers = new Workers();
        var loop = new EventLoop("test-loop")) {
      listener(target, workers, loop).start();
      for (int i = 0; i <= Slots.CAPACITY; i++) {
        assertThat(target.call("mkdir", 0, 0).join()).isEqualTo(-Errno.EPERM.number());
      }
    }
  }

  private static Listener listener(NotifiedThread target, Workers workers, EventLoop loop)
      throws IOException {
    return new Listener(
        target.listener(),
        true,
        false,
        true,
        Policies.compile(POLICY),
        loop,
        workers,
        new NoCallMakers(),
        Recorders.broken(),
        CallQuota.none(),
        Optional.empty());
  }
}
