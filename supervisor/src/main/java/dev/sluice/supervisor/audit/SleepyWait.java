package dev.sluice.supervisor.audit;

import com.lmax.disruptor.AlertException;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.SequenceBarrier;
import com.lmax.disruptor.WaitStrategy;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/// Waits for records at no cost to whoever writes them: while there are any it looks every two
/// milliseconds, so that nobody has to wake it. When there were none for a second it sleeps until
/// it is woken, so that an idle supervisor is idle.
final class SleepyWait implements WaitStrategy {
  private static final long LOOK_NANOS = 2_000_000;
  private static final long ACTIVE_NANOS = 1_000_000_000;

  private volatile @Nullable Thread asleep;

  /// The cursor of a ring is beyond places that are claimed and not yet filled.
  private LongPredicate isFilled = _ -> true;

  /// Before anybody waits.
  ///
  /// @param filled whether there is a record in a place
  void on(LongPredicate filled) {
    isFilled = filled;
  }

  @Override
  public long waitFor(
      long sequence, Sequence cursor, Sequence dependentSequence, SequenceBarrier barrier)
      throws AlertException {
    long start = System.nanoTime();
    while (!isThere(sequence, dependentSequence)) {
      barrier.checkAlert();
      if (System.nanoTime() - start < ACTIVE_NANOS) {
        LockSupport.parkNanos(this, LOOK_NANOS);
      } else {
        asleep = Thread.currentThread();
        if (!isThere(sequence, dependentSequence) && !barrier.isAlerted()) {
          LockSupport.park(this);
        }
        asleep = null;
        start = System.nanoTime();
      }
    }
    return dependentSequence.get();
  }

  private boolean isThere(long sequence, Sequence cursor) {
    return cursor.get() >= sequence && isFilled.test(sequence);
  }

  @Override
  public void signalAllWhenBlocking() {
    // the record must be visible before we look whether somebody sleeps, as that somebody looks in
    // the other order
    VarHandle.fullFence();
    Thread sleeper = asleep;
    if (sleeper != null) {
      LockSupport.unpark(sleeper);
    }
  }
}
