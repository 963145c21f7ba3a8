package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.policy.Verdict;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/// How many calls of one container, whatever its listeners, may be with workers at once: those that
/// are performed there, and those that wait for a file system or for somebody's answer. Each has a
/// thread of ours, and at most one worker process.
public final class CallQuota {
  /// Of those that are answered, whose threads a busy machine may keep waiting for a CPU.
  private static final int ANSWERED_AT_LEAST = 32;

  private static final long ANSWERED = 1;
  private static final long PENDING = 1L << 32;

  private final int max;
  private final Verdict overload;
  private final boolean waiting;

  /// Those that wait for their answer, and those that have it while their workers are still at
  /// them, in one number: the two change together.
  private final AtomicLong held = new AtomicLong();

  private final List<Runnable> whenThereIsRoom = new CopyOnWriteArrayList<>();

  /// @param errno what calls beyond that fail with; empty if they are to wait, unreceived, and with
  ///   them every other call of the container
  public CallQuota(int max, OptionalInt errno) {
    this.max = max;
    this.overload = Verdict.Fail.of(errno.orElse(Errno.EAGAIN.number()));
    this.waiting = errno.isEmpty();
  }

  /// As many as there are threads.
  public static CallQuota none() {
    return new CallQuota(Workers.MAX, OptionalInt.of(Errno.EAGAIN.number()));
  }

  Verdict overload() {
    return overload;
  }

  /// Whether nothing is to be received before there is room.
  boolean isClosed() {
    return waiting && !hasRoom(held.get());
  }

  void whenThereIsRoom(Runnable task) {
    whenThereIsRoom.add(task);
  }

  void forget(Runnable task) {
    whenThereIsRoom.remove(task);
  }

  /// Returns whether there was room for one more.
  boolean take() {
    long now = held.get();
    while (hasRoom(now)) {
      if (held.compareAndSet(now, now + PENDING)) {
        return true;
      }
      now = held.get();
    }
    return false;
  }

  /// One of those that are held is about to be answered: who makes one call after the other has
  /// never more than one, whatever is left to do for the last.
  void answered() {
    change(ANSWERED - PENDING);
  }

  /// Gives back one that was not [#answered].
  void give() {
    change(-PENDING);
  }

  /// Gives back one that was.
  void giveAnswered() {
    change(-ANSWERED);
  }

  private void change(long by) {
    long before = held.getAndAdd(by);
    if (waiting && !hasRoom(before) && hasRoom(before + by)) {
      whenThereIsRoom.forEach(Runnable::run);
    }
  }

  /// What is left to do for those that are answered may take its time, too: there are as many of
  /// them.
  private boolean hasRoom(long of) {
    int answered = Math.max(max, ANSWERED_AT_LEAST);
    return pending(of) < max && pending(of) + answered(of) < max + answered;
  }

  private static int pending(long of) {
    return (int) (of / PENDING);
  }

  private static int answered(long of) {
    return (int) (of % PENDING);
  }

  public int held() {
    long now = held.get();
    return pending(now) + answered(now);
  }

  public int max() {
    return max;
  }
}
