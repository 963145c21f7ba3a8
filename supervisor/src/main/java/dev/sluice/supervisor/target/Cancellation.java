package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Errno;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How what is being done for a call ends before it is done: its caller is gone, its time is up, or
/// a signal waits for the caller. Set by the thread that does it, used by another.
public final class Cancellation {
  private static final long NO_DEADLINE = 0;

  /// When the call is late, and when the handler that has it now.
  private volatile long deadlineNanos = NO_DEADLINE;

  private volatile long handlerDeadlineNanos = NO_DEADLINE;
  private Duration time = Duration.ZERO;
  private int errnoWhenLate;
  private volatile @Nullable Runnable end;
  private volatile @Nullable Runnable interruption;
  private volatile boolean onSignal;
  private volatile boolean interrupted;

  /// Whether something is made that the call, begun again, would find in its way.
  private volatile boolean committed;

  /// Whether nobody waits for the result any more: whatever is begun from here on ends at once.
  private volatile boolean cancelled;

  private int frozenLooks;

  /// For the next call. Hardly ever set, and to write a volatile costs more than to read it.
  void begin() {
    if (deadlineNanos != NO_DEADLINE) {
      deadlineNanos = NO_DEADLINE;
    }
    if (handlerDeadlineNanos != NO_DEADLINE) {
      handlerDeadlineNanos = NO_DEADLINE;
    }
    time = Duration.ZERO;
    frozenLooks = 0;
    if (end != null) {
      end = null;
    }
    if (cancelled) {
      cancelled = false;
    }
    if (committed) {
      committed = false;
    }
  }

  /// From here on no signal ends the call, of which the first step is done: it could not begin
  /// again. What is left may not wait for anybody.
  public synchronized void commit() {
    committed = true;
  }

  /// From now on, what is done may take so long and no longer; then the call fails with `errno`.
  public void limit(Duration longest, int errno) {
    time = longest;
    errnoWhenLate = errno;
    deadlineNanos = nanosIn(longest);
  }

  /// What is done now may take as long as it likes, for it is somebody's to decide how long: the
  /// open of a FIFO, a connect, a question.
  public void waitAtLeisure() {
    deadlineNanos = NO_DEADLINE;
  }

  /// That is over: what comes then may take as long as before.
  public void waitNoLonger() {
    if (!time.isZero()) {
      deadlineNanos = nanosIn(time);
    }
  }

  /// The handler that has the call now may keep it so long.
  public void limitHandler(Duration longest) {
    handlerDeadlineNanos = nanosIn(longest);
  }

  /// It has returned.
  public void endHandler() {
    handlerDeadlineNanos = NO_DEADLINE;
  }

  public boolean isHandlerLate(long nowNanos) {
    return isOver(handlerDeadlineNanos, nowNanos);
  }

  /// What the call fails with because its time is up, or 0.
  public int errnoIfLate(long nowNanos) {
    if (isOver(deadlineNanos, nowNanos)) {
      return errnoWhenLate;
    }
    return isHandlerLate(nowNanos) ? Errno.EIO.number() : 0;
  }

  private static long nanosIn(Duration time) {
    return System.nanoTime() + time.toNanos() | 1;
  }

  private static boolean isOver(long deadline, long nowNanos) {
    return deadline != NO_DEADLINE && nowNanos - deadline > 0;
  }

  /// Sets what to do should nobody wait for the result any more. Done at once if nobody does: who
  /// looks after the call may have seen to it between two steps.
  ///
  /// @param signal whether a signal is reason enough: whether what is being done can be done again
  public synchronized void onCancel(Runnable action, boolean signal) {
    onSignal = signal;
    interruption = null;
    setEnd(action);
  }

  /// The same for what is not to be done again, and says itself what a signal made of it. Whoever
  /// does it makes sure afterwards, and not before, that the caller still waits.
  ///
  /// @param interrupt makes it fail with EINTR if it waits; done again and again while a signal
  ///   waits
  public synchronized void onInterrupt(Runnable interrupt, Runnable action) {
    onSignal = true;
    interrupted = false;
    interruption = interrupt;
    setEnd(action);
  }

  private void setEnd(Runnable action) {
    end = action;
    if (cancelled) {
      action.run();
    }
  }

  /// There is nothing to cancel any more: when this returns, the action has run or never will.
  public synchronized void off() {
    end = null;
    interruption = null;
  }

  /// What to fail with for a signal that would end the call of `caller` in the kernel, if it can be
  /// ended here; else 0. Asked now and then by who looks after the call.
  int interruption(Task caller) {
    if (!isOnSignal()) {
      return 0;
    }
    // a group that has just begun to freeze has not told its tasks yet
    frozenLooks = caller.isFreezing() ? frozenLooks + 1 : 0;
    return frozenLooks > 1 ? Errno.ERESTARTSYS : caller.interruption();
  }

  /// Whether a signal ends what is being done.
  boolean isOnSignal() {
    return onSignal && !committed && end != null;
  }

  /// A signal waits. What says itself what becomes of it is interrupted; of what can be done again,
  /// the call is answered by `answer` and nobody waits for it any more. In one step: what the call
  /// does next must not be done once it has been answered.
  public synchronized void interrupt(Runnable answer) {
    Runnable interrupt = interruption;
    Runnable cancel = end;
    if (committed) {
      return; // since it was asked whether a signal waits
    }
    if (interrupt != null) {
      interrupted = true;
      interrupt.run();
    } else if (cancel != null && onSignal) {
      cancelled = true;
      try {
        answer.run();
      } finally {
        cancel.run();
      }
    }
  }

  /// Whether what has just been done was interrupted on the way.
  public boolean wasInterrupted() {
    return interrupted;
  }

  /// Nobody waits for the result any more.
  public synchronized void cancel() {
    cancelled = true;
    Runnable action = end;
    if (action != null) {
      action.run();
    }
  }
}
