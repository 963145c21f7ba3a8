package dev.sluice.supervisor.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CancellationTest {
  private final Cancellation cancellation = new Cancellation();
  private final List<String> done = new ArrayList<>();

  @BeforeEach
  void begin() {
    cancellation.begin();
  }

  private Runnable note(String what) {
    return () -> done.add(what);
  }

  @Test
  void whatIsBeingDoneEnds() {
    cancellation.onCancel(note("kill"), false);
    cancellation.cancel();
    assertThat(done).containsExactly("kill");
  }

  /// While its thread waits for a worker, or for one to become the caller.
  @Test
  void whatIsBegunAfterTheEndEndsAtOnce() {
    cancellation.cancel();
    cancellation.onCancel(note("kill"), false);
    assertThat(done).containsExactly("kill");
    cancellation.off();
    cancellation.onInterrupt(note("interrupt"), note("kill again"));
    assertThat(done).containsExactly("kill", "kill again");
  }

  @Test
  void theNextCallBeginsAnew() {
    cancellation.cancel();
    cancellation.begin();
    cancellation.onCancel(note("kill"), false);
    assertThat(done).isEmpty();
  }

  /// The call is answered then, and what comes next must not be done for it.
  @Test
  void aSignalEndsWhatIsBegunLaterToo() {
    cancellation.onCancel(note("kill"), true);
    cancellation.interrupt(note("answer"));
    cancellation.off();
    cancellation.onCancel(note("kill the next"), true);
    assertThat(done).containsExactly("answer", "kill", "kill the next");
  }

  /// What a first step has made would be in the way of the call, were it begun again.
  @Test
  void noSignalEndsWhatHasMadeSomething() {
    cancellation.commit();
    cancellation.onCancel(note("kill"), true);
    assertThat(cancellation.isOnSignal()).isFalse();
    cancellation.interrupt(note("answer"));
    cancellation.onInterrupt(note("interrupt"), note("kill"));
    cancellation.interrupt(note("answer"));
    assertThat(done).isEmpty();

    cancellation.cancel();
    assertThat(done).containsExactly("kill");
    cancellation.begin();
    cancellation.onCancel(note("kill"), true);
    assertThat(cancellation.isOnSignal()).isTrue();
  }

  /// It is tried again as long as the signal waits.
  @Test
  void aSignalBetweenTwoStepsEndsNothing() {
    cancellation.interrupt(note("answer"));
    cancellation.onCancel(note("kill"), true);
    assertThat(done).isEmpty();
    cancellation.interrupt(note("answer"));
    assertThat(done).containsExactly("answer", "kill");
  }

  @Test
  void whatSaysItselfWhatASignalMadeOfItIsInterruptedAndNotEnded() {
    cancellation.onInterrupt(note("interrupt"), note("kill"));
    cancellation.interrupt(note("answer"));
    cancellation.off();
    cancellation.onCancel(note("kill"), true);
    assertThat(done).containsExactly("interrupt");
    assertThat(cancellation.wasInterrupted()).isTrue();
  }
}
