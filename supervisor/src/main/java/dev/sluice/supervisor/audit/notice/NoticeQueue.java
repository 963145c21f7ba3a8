package dev.sluice.supervisor.audit.notice;

import dev.sluice.supervisor.audit.AuditGap;
import dev.sluice.supervisor.audit.AuditSession;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Notices on their way from the thread that writes records to the one that tells somebody of them.
/// Those that find no room become one gap, which is told where they would have been.
final class NoticeQueue {
  private final int capacity;
  private final ArrayDeque<Notice> waiting = new ArrayDeque<>();
  private Optional<Lost> lost = Optional.empty();
  private boolean closed;

  /// Calls that found no room, ever.
  private long lostInAll;

  private record Lost(AuditSession session, long from, long to, long count) {
    Lost and(Notice alert) {
      return new Lost(session, from, alert.to(), count + alert.records());
    }
  }

  NoticeQueue(int capacity) {
    this.capacity = capacity;
  }

  /// Returns false for the first alert of a gap.
  synchronized boolean add(Notice alert) {
    if (lost.isPresent()) {
      lost = lost.map(before -> before.and(alert));
      countLost(alert);
      return true;
    }
    if (waiting.size() == capacity) {
      lost = Optional.of(new Lost(alert.session(), alert.from(), alert.to(), alert.records()));
      countLost(alert);
      return false;
    }
    waiting.add(alert);
    notifyAll();
    return true;
  }

  /// What a gap stands for was lost before.
  private void countLost(Notice alert) {
    lostInAll += alert.isGap() ? 0 : 1;
  }

  /// The first ones, which stay; waits for there to be some. None if no more will come.
  synchronized List<Notice> first(int most) throws InterruptedException {
    while (waiting.isEmpty() && !closed) {
      wait();
    }
    return waiting.stream().limit(most).toList();
  }

  /// The first ones are dealt with.
  ///
  /// @param reason why there was no room meanwhile
  synchronized void remove(int count, String reason) {
    for (int i = 0; i < count; i++) {
      waiting.remove();
    }
    if (lost.isPresent()) {
      Lost all = lost.get();
      var gap =
          new AuditGap(
              all.from(), all.to(), all.count(), Instant.now(), "they found no room: " + reason);
      waiting.add(Notice.of(all.session(), gap));
      lost = Optional.empty();
    }
  }

  synchronized boolean isFull() {
    return lost.isPresent() || waiting.size() == capacity;
  }

  /// How many calls are still to be told.
  synchronized long waiting() {
    return waiting.stream().filter(notice -> !notice.isGap()).count();
  }

  /// How many calls found no room, ever.
  synchronized long lost() {
    return lostInAll;
  }

  /// How many are still to be told, or will never be.
  synchronized long left() {
    return waiting.size() + lost.map(Lost::count).orElse(0L);
  }

  /// No more come.
  synchronized void close() {
    closed = true;
    notifyAll();
  }

  /// Waits so long, or until no more come. Returns whether that is so.
  synchronized boolean isClosedWithin(long millis) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (!closed) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        break;
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return closed;
  }
}
