package dev.sluice.supervisor.audit;

import com.lmax.disruptor.BatchEventProcessor;
import com.lmax.disruptor.BatchEventProcessorBuilder;
import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.ExceptionHandler;
import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.RingBuffer;
import dev.sluice.supervisor.listener.Recorder;
import dev.sluice.supervisor.policy.AuditMode;
import dev.sluice.supervisor.policy.Container;
import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.Edition;
import dev.sluice.supervisor.policy.SafetyClass;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.CallDetails;
import dev.sluice.supervisor.target.Task;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A ring of records between the threads that decide and the one that writes. A record that finds
/// no room is counted, and a gap stands in its place ([AuditGap]); or its call waits, if the policy
/// wants that.
@SuppressWarnings("exports") // only the listener sees it as a Recorder
public final class AuditLog implements Recorder, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AuditLog.class);
  private static final int CAPACITY = 8192;
  private static final long NONE = -1;
  private static final long WAIT_NANOS = 50_000;

  /// How long a sink may take over one record, or over the end of a batch, before nobody waits for
  /// it any more.
  private static final long PATIENCE_NANOS = Duration.ofSeconds(5).toNanos();

  /// How long all may take at the end: whoever ends us does not wait for ever.
  private static final long MOST_NANOS = Duration.ofSeconds(8).toNanos();

  private final SleepyWait wait = new SleepyWait();
  private final RingBuffer<AuditEvent> ring =
      RingBuffer.createMultiProducer(AuditEvent::new, CAPACITY, wait);
  private final LargeRooms largeRooms = new LargeRooms();
  private final BatchEventProcessor<AuditEvent> processor;
  private final Thread writer;
  private final RecordWriter records;

  /// How many records the writer is done with: the sequence tells only of whole batches.
  private final AtomicLong taken = new AtomicLong();

  private final AtomicLong lost = new AtomicLong();
  private volatile boolean closing;
  private boolean closed;
  private final AtomicLong lostInAll = new AtomicLong();

  public AuditLog(List<AuditSink> sinks) {
    this(sinks, Optional.empty());
  }

  /// @param shadow a policy that is only tried out
  public AuditLog(List<AuditSink> sinks, Optional<ShadowPolicy> shadow) {
    records = new RecordWriter(sinks, shadow, () -> closing);
    wait.on(ring::isAvailable);
    EventHandler<AuditEvent> handler = (event, _, endOfBatch) -> write(event, endOfBatch);
    processor = new BatchEventProcessorBuilder().build(ring, ring.newBarrier(), handler);
    processor.setExceptionHandler(new LogAndGoOn());
    ring.addGatingSequences(processor.getSequence());
    records.begin(AuditSession.begin());
    writer = Thread.ofPlatform().name("sluice-audit").daemon(true).start(processor);
  }

  @Override
  public long claim(Edition edition, Call call, @Nullable Decision decision, boolean mayWait) {
    return claim(Optional.empty(), edition, call, decision, mayWait);
  }

  private long claim(
      Optional<Container> container,
      Edition edition,
      Call call,
      @Nullable Decision decision,
      boolean mayWait) {
    if (decision != null && decision.audit() == AuditMode.NEVER) {
      return NONE;
    }
    byte[] larger = null;
    if (CallDetails.size(call) > AuditEvent.ROOM) {
      // first: the writer gives none back that comes after our place
      larger = takeLarge(edition, mayWait);
      if (larger == null) {
        return noRoom(edition, mayWait);
      }
    }
    long place = claim(edition, mayWait);
    if (place == NONE) {
      if (larger != null) {
        largeRooms.give(larger);
      }
      return noRoom(edition, mayWait);
    }
    ring.get(place).begin(container, lost.get() == 0 ? 0 : lost.getAndSet(0), larger);
    return place;
  }

  @Override
  public void record(
      long place,
      Edition edition,
      Call call,
      @Nullable Task task,
      @Nullable Decision decision,
      Verdict verdict,
      SafetyClass safety,
      int result,
      long receivedNanos) {
    if (place == NONE) {
      return;
    }
    AuditEvent event = ring.get(place);
    try {
      event.set(edition, call, task, decision, verdict, safety, result, receivedNanos);
    } catch (RuntimeException e) {
      event.fail(e); // nobody shall wait for that place
    } finally {
      ring.publish(place);
    }
  }

  /// Takes note for the targets in a container.
  public Recorder in(Container container) {
    return new Contained(Optional.of(container));
  }

  private final class Contained implements Recorder {
    private final Optional<Container> container;

    Contained(Optional<Container> container) {
      this.container = container;
    }

    @Override
    public long claim(Edition edition, Call call, @Nullable Decision decision, boolean mayWait) {
      return AuditLog.this.claim(container, edition, call, decision, mayWait);
    }

    @Override
    public void record(
        long place,
        Edition edition,
        Call call,
        @Nullable Task task,
        @Nullable Decision decision,
        Verdict verdict,
        SafetyClass safety,
        int result,
        long receivedNanos) {
      AuditLog.this.record(
          place, edition, call, task, decision, verdict, safety, result, receivedNanos);
    }
  }

  private long noRoom(Edition edition, boolean mayWait) {
    if (!mayWait && waits(edition)) {
      return FULL;
    }
    lose();
    return NONE;
  }

  private void lose() {
    lost.incrementAndGet();
    lostInAll.incrementAndGet();
  }

  /// A place in the ring, or [#NONE].
  private long claim(Edition edition, boolean mayWait) {
    while (true) {
      try {
        return ring.tryNext();
      } catch (InsufficientCapacityException full) {
        if (!mayWait || !waits(edition)) {
          return NONE;
        }
        LockSupport.parkNanos(WAIT_NANOS);
      }
    }
  }

  private byte @Nullable [] takeLarge(Edition edition, boolean mayWait) {
    byte[] room = largeRooms.take();
    while (room == null && mayWait && waits(edition)) {
      LockSupport.parkNanos(WAIT_NANOS);
      room = largeRooms.take();
    }
    return room;
  }

  private boolean waits(Edition edition) {
    return edition.lossless() && !closing && writer.isAlive();
  }

  private void write(AuditEvent event, boolean endOfBatch) {
    byte[] larger = null;
    try {
      records.write(event);
    } finally {
      taken.lazySet(taken.get() + 1);
      larger = event.giveBack();
      if (larger != null) {
        largeRooms.give(larger);
      }
    }
    if (endOfBatch) {
      records.flush();
    }
  }

  /// How many records were lost since the start: here, and at each place they go to.
  public long lost() {
    return lostInAll.get() + records.lost();
  }

  /// How many records wait to be written.
  public long waiting() {
    return ring.getCursor() - processor.getSequence().get();
  }

  /// Waits until everything recorded so far is written, or kept by a sink that cannot write; for a
  /// sink that is slow some seconds, and fewer for one that does nothing. A sink that asks for it
  /// does not wait for itself.
  public void flush() {
    if (!isOnWriter()) {
      var _ = awaitWritten();
    }
  }

  /// Whether it is a sink that asks, while it is given a record.
  public boolean isOnWriter() {
    return Thread.currentThread() == writer;
  }

  /// The same; false if it took too long.
  private boolean awaitWritten() {
    long target = ring.getCursor();
    long begun = System.nanoTime();
    long seen = taken.get();
    long since = begun;
    while (processor.getSequence().get() < target && writer.isAlive()) {
      LockSupport.parkNanos(100_000);
      long now = System.nanoTime();
      if (taken.get() != seen) {
        seen = taken.get();
        since = now;
      }
      if (now - since > PATIENCE_NANOS || now - begun > MOST_NANOS) {
        return false;
      }
    }
    return true;
  }

  private void giveUp() {
    LOG.error("the audit log takes no more records: {} are not written", waiting());
  }

  /// Calls wait for room no more.
  public void stopWaiting() {
    closing = true;
  }

  /// Asked for by a sink, it is done once that has returned.
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    stopWaiting();
    if (isOnWriter()) {
      Thread.ofPlatform().name("sluice-audit-end").start(this::end);
    } else {
      end();
    }
  }

  /// Whatever interrupts the thread that closes: sinks that were not ended would lose what they
  /// keep, and a file that an interrupted thread writes to is closed (ClosedByInterruptException).
  private void end() {
    boolean isInterrupted = Thread.interrupted();
    boolean isWritten = awaitWritten();
    if (!isWritten) {
      giveUp();
    }
    processor.halt();
    long until = System.nanoTime() + PATIENCE_NANOS;
    while (writer.isAlive() && System.nanoTime() - until < 0) {
      try {
        var _ = writer.join(Duration.ofNanos(until - System.nanoTime()));
      } catch (InterruptedException e) {
        isInterrupted = true;
      }
    }
    if (!writer.isAlive()) {
      records.end(lost.getAndSet(0));
    } else if (isWritten) {
      giveUp(); // it hangs in a sink with what came since
    }
    if (isInterrupted) {
      Thread.currentThread().interrupt();
    }
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
