package dev.sluice.supervisor.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.target.Tracer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What is done before the record of a call does not wait for the end of its caller.
class StoppedTest {
  private static final int STOPPED = 0x7f;

  /// None that there is.
  private static final int PID = 1 << 30;

  private final List<String> done = new ArrayList<>();
  private int detached;

  private final Stopped stopped =
      new Stopped(
          new Tracer() {
            @Override
            public int request(int request, int tid, long data) {
              done.add("detach");
              return detached;
            }

            @Override
            public Stop await() {
              done.add("await");
              return new Stop(PID, 0);
            }
          },
          new Tracer.Stop(PID, STOPPED));

  @Test
  void whoIsLetGoIsNotWaitedFor() {
    assertThat(stopped.release()).isZero();
    stopped.end();
    assertThat(done).containsExactly("detach");
  }

  @Test
  void whoWasKilledMeanwhileIsWaitedForAfterItsRecord() {
    detached = -Errno.ESRCH.number();
    assertThat(stopped.release()).isEqualTo(-Errno.ENOENT.number());
    done.add("record");
    stopped.end();
    assertThat(done).containsExactly("detach", "record", "await");
  }

  @Test
  void whoIsKilledIsWaitedForAfterItsRecord() {
    stopped.kill();
    done.add("record");
    stopped.end();
    assertThat(done).containsExactly("record", "await");
  }

  @Test
  void whoeverNobodyHasDecidedOnEnds() {
    stopped.end();
    assertThat(done).containsExactly("await");
  }
}
