package dev.sluice.supervisor.audit;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Numbers what comes out of the ring, and gives it to the sinks; on the thread that writes. A sink
/// that fails, even as a class of it is missing, does not keep the others from being written to.
final class RecordWriter {
  private static final Logger LOG = LoggerFactory.getLogger(RecordWriter.class);
  private static final long WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private final List<Guarded> sinks;
  private final ArgumentDecoder decoder = new ArgumentDecoder();
  private final Optional<ShadowPolicy> shadow;
  private final BooleanSupplier closing;

  /// Records, and those that found no room.
  private long counted;

  /// Calls that could not be copied.
  private final AtomicLong uncopied = new AtomicLong();

  /// @param shadow a policy that is only tried out
  /// @param closing whether there is no time left to wait for a sink
  RecordWriter(List<AuditSink> sinks, Optional<ShadowPolicy> shadow, BooleanSupplier closing) {
    this.sinks = sinks.stream().map(Guarded::new).toList();
    this.shadow = shadow;
    this.closing = closing;
  }

  void begin(AuditSession session) {
    sinks.forEach(sink -> sink.attempt(each -> each.begin(session)));
  }

  void write(AuditEvent event) {
    if (event.lost() > 0) {
      gap(event.lost(), AuditGap.NO_ROOM);
    }
    if (!event.isComplete()) {
      lose(event.failure());
      return;
    }
    AuditRecord record;
    try {
      record = record(event);
    } catch (RuntimeException | Error e) {
      lose(e);
      return;
    }
    counted++;
    if (record.alert()) {
      LOG.warn(
          "{} ({}): {} {}: {} by rule '{}'",
          ByteText.of(record.comm()).visible(),
          record.tid(),
          record.syscall(),
          record.paths().isEmpty() ? "" : record.paths().getFirst().path().visible(),
          record.errno().orElse(record.action()),
          record.rule().orElse(""));
    }
    for (Guarded sink : sinks) {
      if (event.isLossless()) {
        awaitRoom(sink);
      }
      sink.write(record);
    }
  }

  private AuditRecord record(AuditEvent event) {
    AuditRecord decided = event.toRecord(counted + 1, decoder, Instant.now(), System.nanoTime());
    return shadow.map(other -> other.beside(decided, event.container())).orElse(decided);
  }

  private void lose(@Nullable Throwable why) {
    LOG.error("a record is lost: {}", AuditGap.NOT_COPIED, why);
    uncopied.incrementAndGet();
    gap(1, AuditGap.NOT_COPIED);
  }

  /// How many records could not be copied, or are lost in sinks. Any thread may ask.
  long lost() {
    return uncopied.get()
        + sinks.stream().mapToLong(each -> each.sink.lost() + each.unwritten.get()).sum();
  }

  private void awaitRoom(Guarded sink) {
    while (!sink.sink.hasRoom() && !closing.getAsBoolean()) {
      LockSupport.parkNanos(WAIT_NANOS);
      sink.attempt(AuditSink::flush);
    }
  }

  private void gap(long lost, String reason) {
    var gap = new AuditGap(counted + 1, counted + lost, Instant.now(), reason);
    counted += lost;
    sinks.forEach(sink -> sink.attempt(each -> each.lost(gap)));
  }

  void flush() {
    sinks.forEach(sink -> sink.attempt(AuditSink::flush));
  }

  /// @param lost how many records found no room since the last one that did
  void end(long lost) {
    if (lost > 0) {
      gap(lost, AuditGap.NO_ROOM);
    }
    var waiting = new ArrayList<Guarded>();
    for (Guarded sink : sinks) {
      if (sink.end()) {
        waiting.add(sink);
      } else {
        sink.close();
      }
    }
    // whoever ends us may not wait: what needs nobody else has its end by now
    waiting.forEach(Guarded::close);
  }

  private static final class Guarded {
    private final AuditSink sink;
    private long failures;

    /// Records that were lost as the sink failed.
    private final AtomicLong unwritten = new AtomicLong();

    Guarded(AuditSink sink) {
      this.sink = sink;
    }

    void write(AuditRecord record) {
      long before = failures;
      attempt(each -> each.write(record));
      unwritten.addAndGet(failures - before);
    }

    boolean end() {
      try {
        return sink.end();
      } catch (RuntimeException | Error e) {
        failed(e);
        return false;
      }
    }

    void close() {
      attempt(AuditSink::close);
      if (failures > 1) {
        LOG.error("{} failed {} times", sink.getClass().getSimpleName(), failures);
      }
    }

    void attempt(Consumer<AuditSink> what) {
      try {
        what.accept(sink);
      } catch (RuntimeException | Error e) {
        failed(e);
      }
    }

    private void failed(Throwable e) {
      if (failures++ == 0) {
        LOG.error("a record could not be written", e);
      }
    }
  }
}
