package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.policy.Verdict;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// How many calls of one container, whatever its listeners, may be with workers at once: those that
/// are performed there, and those that wait for a file system or for somebody's answer. Each has a
/// thread of ours, and at most one worker process.
public final class CallQuota {
  private final int max;
  private final Verdict overload;
  private final boolean waiting;
  private final AtomicInteger held = new AtomicInteger();
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
    return waiting && held.get() >= max;
  }

  void whenThereIsRoom(Runnable task) {
    whenThereIsRoom.add(task);
  }

  void forget(Runnable task) {
    whenThereIsRoom.remove(task);
  }

  boolean take() {
    int now = held.get();
    while (now < max) {
      if (held.compareAndSet(now, now + 1)) {
        return true;
      }
      now = held.get();
    }
    return false;
  }

  /// Takes one where [#take] does not, as `answered` of those that are held are over for their
  /// callers: who makes one call after the other has never more than one. No more than twice as
  /// many are held: what is left to do for such a call may take its time, too.
  boolean takeBeyond(int answered) {
    int now = held.get();
    while (now - answered < max && now < 2 * max) {
      if (held.compareAndSet(now, now + 1)) {
        return true;
      }
      now = held.get();
    }
    return false;
  }

  void give() {
    if (held.getAndDecrement() == max && waiting) {
      whenThereIsRoom.forEach(Runnable::run);
    }
  }

  public int held() {
    return held.get();
  }

  public int max() {
    return max;
  }
}
