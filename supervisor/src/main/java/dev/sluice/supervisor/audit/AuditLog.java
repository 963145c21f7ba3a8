package dev.sluice.supervisor.audit;

import com.lmax.disruptor.BatchEventProcessor;
import com.lmax.disruptor.BatchEventProcessorBuilder;
import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.ExceptionHandler;
import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.RingBuffer;
import dev.sluice.supervisor.listener.Recorder;
import dev.sluice.supervisor.policy.AuditMode;
import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.SafetyClass;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Task;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A ring of records between the threads that decide and the one that writes. A record that finds
/// no room is counted, and the count stands in the next one that does.
@SuppressWarnings("exports") // only the listener sees it as a Recorder
public final class AuditLog implements Recorder, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AuditLog.class);
  private static final int CAPACITY = 8192;

  private final RingBuffer<AuditEvent> ring =
      RingBuffer.createMultiProducer(AuditEvent::new, CAPACITY, new SleepyWait());
  private final BatchEventProcessor<AuditEvent> processor;
  private final Thread writer;
  private final List<AuditSink> sinks;
  private final AtomicLong lost = new AtomicLong();

  /// Records, and those that found no room.
  private long counted;

  public AuditLog(List<AuditSink> sinks) {
    this.sinks = List.copyOf(sinks);
    EventHandler<AuditEvent> handler = (event, _, endOfBatch) -> write(event, endOfBatch);
    processor = new BatchEventProcessorBuilder().build(ring, ring.newBarrier(), handler);
    processor.setExceptionHandler(new LogAndGoOn());
    ring.addGatingSequences(processor.getSequence());
    writer = Thread.ofPlatform().name("sluice-audit").daemon(true).start(processor);
  }

  @Override
  public void record(
      Call call,
      @Nullable Task task,
      @Nullable Decision decision,
      Verdict verdict,
      SafetyClass safety,
      int result,
      long receivedNanos) {
    record(Optional.empty(), call, task, decision, verdict, safety, result, receivedNanos);
  }

  /// Takes note for the targets in a container.
  public Recorder in(String container) {
    Optional<String> id = Optional.of(container);
    return (call, task, decision, verdict, safety, result, receivedNanos) ->
        record(id, call, task, decision, verdict, safety, result, receivedNanos);
  }

  private void record(
      Optional<String> container,
      Call call,
      @Nullable Task task,
      @Nullable Decision decision,
      Verdict verdict,
      SafetyClass safety,
      int result,
      long receivedNanos) {
    if (decision != null && decision.audit() == AuditMode.NEVER) {
      return;
    }
    long sequence;
    try {
      sequence = ring.tryNext();
    } catch (InsufficientCapacityException full) {
      lost.incrementAndGet();
      return;
    }
    try {
      long gap = lost.get() == 0 ? 0 : lost.getAndSet(0);
      ring.get(sequence)
          .set(container, call, task, decision, verdict, safety, result, receivedNanos, gap);
    } finally {
      ring.publish(sequence);
    }
  }

  private void write(AuditEvent event, boolean endOfBatch) {
    counted += event.lost() + 1;
    AuditRecord record = event.toRecord(counted, Instant.now(), System.nanoTime());
    if (record.alert()) {
      LOG.warn(
          "{} ({}): {} {}: {} by rule '{}'",
          record.comm(),
          record.tid(),
          record.syscall(),
          record.paths().isEmpty() ? "" : JsonLines.readable(record.paths().getFirst().path()),
          record.errno().orElse(record.action()),
          record.rule().orElse(""));
    }
    for (AuditSink sink : sinks) {
      sink.write(record);
      if (endOfBatch) {
        sink.flush();
      }
    }
  }

  /// Waits until everything recorded so far is written.
  public void flush() {
    long target = ring.getCursor();
    while (processor.getSequence().get() < target && writer.isAlive()) {
      LockSupport.parkNanos(100_000);
    }
  }

  @Override
  public void close() {
    flush();
    processor.halt();
    try {
      writer.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    sinks.forEach(AuditSink::close);
  }

  private static final class LogAndGoOn implements ExceptionHandler<AuditEvent> {
    @Override
    public void handleEventException(Throwable e, long sequence, AuditEvent event) {
      LOG.error("a record could not be written", e);
    }

    @Override
    public void handleOnStartException(Throwable e) {
      LOG.error("the audit log could not start", e);
    }

    @Override
    public void handleOnShutdownException(Throwable e) {
      LOG.error("the audit log could not end", e);
    }
  }
}
