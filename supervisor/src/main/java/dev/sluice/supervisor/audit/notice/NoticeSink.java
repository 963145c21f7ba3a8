package dev.sluice.supervisor.audit.notice;

import dev.sluice.supervisor.audit.AuditGap;
import dev.sluice.supervisor.audit.AuditRecord;
import dev.sluice.supervisor.audit.AuditSession;
import dev.sluice.supervisor.audit.AuditSink;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells somebody of records and of those that were lost, on a thread of its own: whoever is slow
/// to listen, or not there, delays no record. What cannot be told is kept, and tried again; what
/// there is no more room to keep for is counted and told as a gap.
public final class NoticeSink implements AuditSink {
  private static final Logger LOG = LoggerFactory.getLogger(NoticeSink.class);
  private static final long FIRST_PAUSE_MILLIS = 10;
  private static final long LONGEST_PAUSE_MILLIS = 30_000;

  /// Between attempts once no more alerts come.
  private static final long LAST_PAUSE_MILLIS = 100;

  /// How long anybody waits at the end, from when that was said.
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /// What is told.
  public enum Scope {
    /// Calls whose rule says `audit: alert`.
    ALERTS("alerts", 1024, 100),
    EVERYTHING("records", 4096, 500);

    private final String word;
    private final int capacity;
    private final int batch;

    Scope(String word, int capacity, int batch) {
      this.word = word;
      this.capacity = capacity;
      this.batch = batch;
    }
  }

  private final NoticeTarget target;
  private final Scope scope;
  private final NoticeQueue queue;
  private final Thread teller;
  private volatile String reason = "there were too many at once";

  /// Whether nothing is told any more.
  private volatile boolean over;

  /// Those that somebody did not want.
  private final AtomicLong refused = new AtomicLong();

  /// By when that must have been, once it is so.
  private boolean ending;

  private long endNanos;
  private AuditSession session = new AuditSession("", Instant.EPOCH, 0, 0, "", "");

  public NoticeSink(NoticeTarget target, Scope scope) {
    this.target = target;
    this.scope = scope;
    this.queue = new NoticeQueue(scope.capacity);
    teller = Thread.ofPlatform().name("sluice-notices").daemon(true).unstarted(this::tell);
  }

  @Override
  public void begin(AuditSession begun) {
    session = begun;
    teller.start();
  }

  @Override
  public void write(AuditRecord record) {
    if (record.alert() || scope == Scope.EVERYTHING) {
      add(Notice.of(session, record));
    }
  }

  /// A call may wait for the record of it, but not for somebody to hear of an alert.
  @Override
  public boolean hasRoom() {
    return scope == Scope.ALERTS || over || !queue.isFull();
  }

  @Override
  public long lost() {
    return queue.lost() + refused.get() + target.lost() + (over ? queue.waiting() : 0);
  }

  @Override
  public void lost(AuditGap gap) {
    add(Notice.of(session, gap));
  }

  private void add(Notice notice) {
    if (!queue.add(notice)) {
      LOG.error("{}: {} are lost from here on: {}", target.name(), scope.word, reason);
    }
  }

  private void tell() {
    try {
      tellAll();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Error e) {
      // a plug-in may lack a class
      reason = e.toString();
      LOG.error("{}: no more {} are told", target.name(), scope.word, e);
    } finally {
      over = true;
      closeTarget();
    }
  }

  private void tellAll() throws InterruptedException {
    long pause = 0;
    for (List<Notice> next = queue.first(scope.batch);
        !next.isEmpty();
        next = queue.first(scope.batch)) {
      try {
        queue.remove(target.deliver(next), reason);
        if (pause > LAST_PAUSE_MILLIS) {
          LOG.warn("{}: {} are told again", target.name(), scope.word);
        }
        pause = 0;
      } catch (NoticeTarget.RefusedException e) {
        LOG.error(
            "{}: {} {} to {} are not wanted: {}",
            target.name(),
            scope.word,
            next.getFirst().from(),
            next.getLast().to(),
            e.getMessage());
        refused.addAndGet(next.size());
        queue.remove(next.size(), reason);
      } catch (IOException | RuntimeException e) {
        // whatever it was, it may be otherwise next time
        reason = reason(e);
        pause = Math.clamp(2 * pause, FIRST_PAUSE_MILLIS, LONGEST_PAUSE_MILLIS);
        if (pause > LAST_PAUSE_MILLIS && pause <= 2 * LAST_PAUSE_MILLIS) {
          LOG.error("{}: {} cannot be told: {}", target.name(), scope.word, reason);
        }
        if (queue.isClosedWithin(pause)) {
          Thread.sleep(LAST_PAUSE_MILLIS);
        }
      }
    }
  }

  /// Some have no message, as that of the JDK's HTTP client where nobody listens.
  private static String reason(Exception e) {
    String message = e instanceof IOException ? e.getMessage() : null;
    return message == null ? e.toString() : message;
  }

  private void closeTarget() {
    try {
      target.close();
    } catch (RuntimeException e) {
      LOG.error("{}: it could not be closed", target.name(), e);
    }
  }

  @Override
  public boolean end() {
    if (!ending) {
      ending = true;
      endNanos = System.nanoTime() + PATIENCE.toNanos();
      queue.close();
    }
    return true;
  }

  @Override
  public void close() {
    var _ = end();
    try {
      long left = Math.max(endNanos - System.nanoTime(), 0);
      if (!teller.join(Duration.ofNanos(left)) || queue.left() > 0) {
        LOG.error("{}: {} {} were not told: {}", target.name(), queue.left(), scope.word, reason);
        teller.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
