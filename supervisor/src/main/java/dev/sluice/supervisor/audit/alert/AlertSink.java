package dev.sluice.supervisor.audit.alert;

import dev.sluice.supervisor.audit.AuditGap;
import dev.sluice.supervisor.audit.AuditRecord;
import dev.sluice.supervisor.audit.AuditSession;
import dev.sluice.supervisor.audit.AuditSink;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells somebody of alerts and lost records, on a thread of its own: whoever is slow to listen, or
/// not there, delays no record. What cannot be told is kept, up to 1,024 alerts, and tried again;
/// what there is no room for is counted and told as a gap.
public final class AlertSink implements AuditSink {
  private static final Logger LOG = LoggerFactory.getLogger(AlertSink.class);
  private static final int CAPACITY = 1024;
  private static final int BATCH = 100;
  private static final long FIRST_PAUSE_MILLIS = 10;
  private static final long LONGEST_PAUSE_MILLIS = 30_000;

  /// Between attempts once no more alerts come.
  private static final long LAST_PAUSE_MILLIS = 100;

  /// How long anybody waits at the end.
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final AlertTarget target;
  private final AlertQueue queue = new AlertQueue(CAPACITY);
  private final Thread teller;
  private volatile String reason = "there were too many at once";
  private AuditSession session = new AuditSession("", Instant.EPOCH, 0, 0, "", "");

  public AlertSink(AlertTarget target) {
    this.target = target;
    teller = Thread.ofPlatform().name("sluice-alerts").daemon(true).unstarted(this::tell);
  }

  @Override
  public void begin(AuditSession begun) {
    session = begun;
    teller.start();
  }

  @Override
  public void write(AuditRecord record) {
    if (record.alert()) {
      add(Alert.of(session, record));
    }
  }

  @Override
  public void lost(AuditGap gap) {
    add(Alert.of(session, gap));
  }

  private void add(Alert alert) {
    if (!queue.add(alert)) {
      LOG.error("{}: alerts are lost from here on: {}", target.name(), reason);
    }
  }

  private void tell() {
    long pause = 0;
    try (target) {
      for (List<Alert> next = queue.first(BATCH); !next.isEmpty(); next = queue.first(BATCH)) {
        try {
          queue.remove(target.deliver(next), reason);
          if (pause > LAST_PAUSE_MILLIS) {
            LOG.warn("{}: alerts are told again", target.name());
          }
          pause = 0;
        } catch (AlertTarget.RefusedException e) {
          LOG.error(
              "{}: alerts {} to {} are not wanted: {}",
              target.name(),
              next.getFirst().from(),
              next.getLast().to(),
              e.getMessage());
          queue.remove(next.size(), reason);
        } catch (IOException e) {
          reason = String.valueOf(e.getMessage());
          pause = Math.clamp(2 * pause, FIRST_PAUSE_MILLIS, LONGEST_PAUSE_MILLIS);
          if (pause > LAST_PAUSE_MILLIS && pause <= 2 * LAST_PAUSE_MILLIS) {
            LOG.error("{}: alerts cannot be told: {}", target.name(), reason);
          }
          if (queue.isClosedWithin(pause)) {
            Thread.sleep(LAST_PAUSE_MILLIS);
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.error("{}: no more alerts are told", target.name(), e);
    }
  }

  @Override
  public void close() {
    queue.close();
    try {
      if (!teller.join(PATIENCE)) {
        LOG.error("{}: {} alerts were not told: {}", target.name(), queue.left(), reason);
        teller.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
