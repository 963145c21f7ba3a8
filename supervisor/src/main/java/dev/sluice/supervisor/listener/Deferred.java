package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.policy.CallPlan;
import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.SafetyClass;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The calls of one listener that are decided on workers, because they may block. While there are
/// any, somebody looks after them: what is done for a caller that is gone is cancelled, and a call
/// whose time is up is answered without its worker, which keeps the slot for as long as it runs.
final class Deferred {
  private static final Logger LOG = LoggerFactory.getLogger(Deferred.class);
  private static final long LOOK_MILLIS = 50;

  /// To look at one takes 30 µs: many are looked at less often, so that it never takes much of a
  /// CPU.
  private static final int CALLS_A_MILLI = 2;

  /// How long a call takes at least that a signal ends: most only have to wait for their turn.
  private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS);

  /// More than there are workers.
  private static final int ANSWERING = 1 << 16;

  /// How often what changes meanwhile is decided on.
  private static final int MAX_ROUNDS = 16;

  private static final Verdict THERE = Verdict.Fail.of(Errno.EEXIST.number());
  private static final Verdict REFUSED = Verdict.Fail.of(Errno.EPERM.number());

  /// Sends what was decided, and records it. Returns false if there is no room for the record yet;
  /// never, if it may wait for that.
  interface Answer {
    boolean answer(Slot slot, Verdict verdict, boolean mayWait);
  }

  private final Workers workers;
  private final Slots slots;
  private final Answer answer;
  private final Answers answers;
  private final ExecWatch watching;
  private final CallQuota quota;
  private final Set<Slot> working = ConcurrentHashMap.newKeySet();
  private volatile Runnable whenAnswered = () -> {};
  private final AtomicBoolean looking = new AtomicBoolean();

  /// Made once, as whoever has handed over a slot must not fail for want of memory: the slot would
  /// seem to be its own.
  private final Runnable look;

  private final AtomicReference<@Nullable Runnable> whenIdle = new AtomicReference<>();

  /// A worker has one of them while it answers and records; whoever has all of them knows that what
  /// was answered is recorded.
  private final Semaphore answering = new Semaphore(ANSWERING, true);

  Deferred(
      Workers workers,
      Slots slots,
      Answer answer,
      Answers answers,
      ExecWatch watching,
      CallQuota quota) {
    this.workers = workers;
    this.slots = slots;
    this.answer = answer;
    this.answers = answers;
    this.watching = watching;
    this.quota = quota;
    this.look = this::look;
  }

  /// Whom to tell that a call which waited for room is answered.
  void whenAnswered(Runnable task) {
    whenAnswered = task;
  }

  /// Hands a slot, whose caller has been looked for, to a worker. Returns whether there was one;
  /// also if there was none and somebody has answered meanwhile. Else the slot is still the
  /// caller's.
  boolean begin(Slot slot, CallPlan plan) {
    if (!quota.take()) {
      return false;
    }
    slot.safety = SafetyClass.EMULATED; // should it be answered before it is decided
    int held = working.size();
    boolean isBegun = false;
    try {
      working.add(slot);
      isBegun = workers.execute(() -> work(slot, plan), held);
    } finally {
      if (!isBegun) {
        leave(slot);
        give(slot.isOver);
      }
    }
    if (isBegun) {
      lookLater();
    } else if (slot.isOver) {
      answerEarlier(slot);
      slots.giveBack(slot);
      return true;
    }
    return isBegun;
  }

  private void give(boolean isAnswered) {
    if (isAnswered) {
      quota.giveAnswered();
    } else {
      quota.give();
    }
  }

  /// The slot is about to be answered, by whoever has set [Slot#answered].
  private void end(Slot slot) {
    if (!slot.isOver) {
      slot.isOver = true;
      quota.answered();
    }
  }

  /// Hands over a slot that is decided, to be answered once there is room for its record. Returns
  /// whether there was a thread: one for each listener there is, and it receives nothing meanwhile,
  /// unless a relay receives for it.
  boolean answerLater(Slot slot, Verdict verdict) {
    slot.answered.set(true); // there is nothing to look after
    boolean isBegun = false;
    try {
      working.add(slot);
      int held = slot.relayed == null ? 0 : working.size();
      isBegun = workers.execute(() -> answerAndGiveBack(slot, verdict), held);
    } finally {
      if (!isBegun) {
        leave(slot);
      }
    }
    return isBegun;
  }

  private void answerAndGiveBack(Slot slot, Verdict verdict) {
    try {
      answer(slot, verdict);
    } catch (RuntimeException | Error e) {
      refuse(slot, true, e);
    } finally {
      leave(slot);
      try {
        giveBack(slot);
      } finally {
        whenAnswered.run();
      }
    }
  }

  private void lookLater() {
    if (looking.compareAndSet(false, true)
        && !workers.watch(look, Math.max(LOOK_MILLIS, working.size() / CALLS_A_MILLI))) {
      looking.set(false); // the next call tries again
    }
  }

  /// Whether no worker has a call of this listener.
  boolean isIdle() {
    return working.isEmpty();
  }

  /// Runs `task` once no worker has a call of this listener, on whatever thread finds out. None is
  /// begun any more.
  void whenIdle(Runnable task) {
    whenIdle.set(task);
    runIfIdle();
  }

  private void runIfIdle() {
    if (working.isEmpty()) {
      Runnable task = whenIdle.getAndSet(null);
      if (task != null) {
        task.run();
      }
    }
  }

  /// Those that workers have now.
  List<PendingCall> pending() {
    var pending = new ArrayList<PendingCall>();
    long now = System.nanoTime();
    for (Slot slot : working) {
      synchronized (slot) { // see look()
        if (working.contains(slot) && !slot.answered.get()) {
          Decision decision = slot.decision;
          pending.add(
              new PendingCall(
                  slot.call.tid(),
                  slot.call.name(),
                  decision == null ? "" : decision.rule(),
                  now - slot.receivedNanos));
        }
      }
    }
    return pending;
  }

  /// Answers those with EPERM, and has their workers stop.
  void refuseAll() {
    for (Slot slot : working) {
      synchronized (slot) {
        if (working.contains(slot)) {
          stop(slot, REFUSED);
        }
      }
    }
  }

  private void work(Slot slot, CallPlan plan) {
    boolean isAnswering = false;
    try {
      decide(slot, plan);
      isAnswering = slot.answered.compareAndSet(false, true);
      if (!isAnswering) {
        Answers.discard(slot.verdict);
      } else if (slot.verdict instanceof Verdict.ContinueWatched) {
        watching.watch(slot, plan, () -> finish(slot));
      } else {
        finish(slot);
      }
    } catch (Abort abort) {
      if (abort != Abort.GONE || slot.call.isValid()) {
        refuse(slot, isAnswering, abort);
      }
      // else there is nobody to answer
    } catch (RuntimeException | Error e) {
      refuse(slot, isAnswering, e);
    } finally {
      try {
        answerEarlier(slot);
      } finally {
        leave(slot);
        boolean isOver = slot.isOver;
        try {
          giveBack(slot);
        } finally {
          give(isOver);
        }
      }
    }
  }

  /// Nobody looks at it any more.
  private void leave(Slot slot) {
    synchronized (slot) { // see look()
      working.remove(slot);
    }
  }

  private void giveBack(Slot slot) {
    try {
      slots.giveBack(slot);
    } finally {
      runIfIdle();
    }
  }

  /// With what there was no room to record, if anything.
  private void answerEarlier(Slot slot) {
    Verdict early;
    synchronized (slot) {
      early = slot.early;
      slot.early = null;
    }
    try {
      if (early != null) {
        answer(slot, early);
      }
    } catch (RuntimeException | Error e) {
      refuse(slot, true, e);
    }
  }

  /// A mistake of ours must not leave a call without an answer.
  ///
  /// @param isAnswering whether it came while we answered: the kernel knows whether we had
  private void refuse(Slot slot, boolean isAnswering, Throwable cause) {
    try {
      if (isAnswering) {
        answers.send(slot, REFUSED);
      } else if (slot.answered.compareAndSet(false, true)) {
        end(slot);
        answer(slot, REFUSED);
      }
    } finally { // to say so may fail, too
      LOG.error("{} of thread {} is refused", slot.call.name(), slot.call.tid(), cause);
    }
  }

  private void finish(Slot slot) {
    slot.call.closeObjects();
    end(slot);
    answer(slot, slot.verdict);
  }

  private void answer(Slot slot, Verdict verdict) {
    answering.acquireUninterruptibly();
    try {
      answer.answer(slot, verdict, true);
    } finally {
      answering.release();
    }
  }

  /// Waits until whatever workers have answered is recorded too, at most so long: a call may wait
  /// for room that never comes.
  void awaitRecords(long nanos) {
    try {
      if (answering.tryAcquire(ANSWERING, nanos, TimeUnit.NANOSECONDS)) {
        answering.release(ANSWERING);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// What is there when it is to be made, and gone when it is looked for, again and again, is the
  /// file system's own idea: to the kernel, which looks once, it is there.
  private static void decide(Slot slot, CallPlan plan) {
    for (int round = 0; round < MAX_ROUNDS; round++) {
      slot.call.allowBlocking();
      try {
        Dispatcher.decide(slot, plan);
        observe(slot);
        return;
      } catch (Abort abort) {
        if (abort != Abort.CHANGED) {
          throw abort;
        }
      }
    }
    slot.decide(slot.decision, THERE, plan.safetyOfMemory());
    observe(slot);
  }

  /// A descriptor that was opened for a caller who ends now is nobody's.
  private static void observe(Slot slot) {
    try {
      Observation.onWorker(slot);
    } catch (Abort gone) {
      Answers.discard(slot.verdict);
      throw gone;
    }
  }

  private void look() {
    try {
      long now = System.nanoTime();
      for (Slot slot : working) {
        synchronized (slot) { // while it is looked at, it does not become another call's
          if (working.contains(slot)) {
            if (!slot.answered.get()) {
              lookAt(slot, now);
            } else if (slot.early != null) {
              sendEarly(slot, slot.early);
            }
          }
        }
      }
    } finally {
      looking.set(false);
      if (!working.isEmpty()) {
        lookLater();
      }
    }
  }

  private void lookAt(Slot slot, long now) {
    try {
      slot.call.validate();
      int late = slot.errnoIfLate(now);
      if (late != 0) {
        stop(slot, Verdict.Fail.of(late));
      } else if (now - slot.receivedNanos > PATIENCE_NANOS) {
        int errno = slot.call.interruption();
        if (errno != 0) {
          slot.call.cancellation().interrupt(() -> answerEarly(slot, Verdict.Fail.of(errno)));
        }
      }
    } catch (Abort abort) {
      if (abort == Abort.GONE) {
        slot.giveUp();
        slot.call.cancellation().cancel();
      }
      // else no look could be taken: there will be another
    } catch (RuntimeException | Error e) {
      LOG.error("looking after {} of thread {}", slot.call.name(), slot.call.tid(), e);
    }
  }

  /// Answers, and has the worker stop.
  private void stop(Slot slot, Verdict verdict) {
    try {
      answerEarly(slot, verdict);
    } finally {
      slot.call.cancellation().cancel();
    }
  }

  /// Waits for nobody: the thread that looks after calls has others to look after.
  private void answerEarly(Slot slot, Verdict verdict) {
    if (slot.answered.compareAndSet(false, true)) {
      end(slot);
      sendEarly(slot, verdict);
    }
  }

  private void sendEarly(Slot slot, Verdict verdict) {
    slot.early = null;
    try {
      if (!answer.answer(slot, verdict, false)) {
        slot.early = verdict; // tried again: when it is next looked at, and when its worker ends
      }
    } catch (RuntimeException | Error e) {
      answers.send(slot, verdict);
      LOG.error("answering {} of thread {}", slot.call.name(), slot.call.tid(), e);
    }
  }
}
