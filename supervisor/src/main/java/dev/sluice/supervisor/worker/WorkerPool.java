package dev.sluice.supervisor.worker;

import dev.sluice.supervisor.kernel.CallThread;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.Processes;
import dev.sluice.supervisor.kernel.Signals;
import dev.sluice.supervisor.kernel.SyscallException;
import dev.sluice.supervisor.kernel.UnixSocket;
import dev.sluice.supervisor.listener.CallMakers;
import dev.sluice.supervisor.listener.Workers;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Identity;
import dev.sluice.supervisor.target.LocalSyscalls;
import dev.sluice.supervisor.target.Syscalls;
import dev.sluice.supervisor.target.Tracer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The workers of a supervisor, by the identity they have taken on. Each serves one call at a time.
public final class WorkerPool implements CallMakers, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerPool.class);
  private static final int MAX_PROCESSES = Workers.MAX;
  private static final int MAX_IDLE = 8;

  /// So many of one identity are enough for calls that come back at once. Whoever finds them all
  /// busy waits for a moment, before another is started for a call that does not.
  private static final int ENOUGH = 8;

  /// After so long without a call, and at most twice that, a worker ends: it keeps the namespaces
  /// of its container, and with them what is mounted there, also when the container has ended.
  private static final long REST_NANOS = TimeUnit.SECONDS.toNanos(5);

  /// As often as all idle ones, and those that were started since, may have been given other roots
  /// by somebody who does nothing else.
  private static final int MAX_MOVES = 4 * MAX_IDLE;

  private static final long MOMENT_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
  private static final Syscalls LOCAL = new LocalSyscalls();

  private final List<String> command;
  private final String fuseProgram;
  private final Path directory;
  private final String socketPath;
  private final int listening;

  /// Workers end with the thread that started them.
  private final ScheduledExecutorService starter =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("sluice-worker-starter").daemon(true).factory());

  /// Threads that trace, and start no processes: all they can wait for is what they trace.
  private final ExecutorService tracers = Executors.newCachedThreadPool(WorkerPool::newTracer);

  /// Idle workers; the identity that was used longest ago comes first.
  private final Map<Identity, Deque<WorkerProcess>> idle = new LinkedHashMap<>();

  /// How many of an identity are in use, or being started.
  private final Map<Identity, Integer> busy = new HashMap<>();

  /// Those there are, some of which do not end although they have been killed; and the listener
  /// whose call each had last.
  private final Map<WorkerProcess, Integer> all = new HashMap<>();

  private int starting;

  /// Whether somebody will look for workers that have rested.
  private boolean expecting;

  /// Of all time.
  private long started;

  private boolean closed;
  private final Identity own = Identity.ofSelf();

  /// @param program the path of `sluice-worker`
  /// @param fuseProgram that of `sluice-fuse`
  /// @param directory where its socket is made: nobody else's to enter
  /// @param finish whether workers finish what they are making should we end
  public WorkerPool(String program, String fuseProgram, Path directory, boolean finish) {
    this.fuseProgram = fuseProgram;
    this.directory = directory;
    this.socketPath = directory.resolve("worker").toString();
    this.command = finish ? List.of(program, "-f", socketPath) : List.of(program, socketPath);
    this.listening = UnixSocket.listen(socketPath, MAX_PROCESSES);
  }

  /// A worker in use.
  ///
  /// @param asked who it was to be: so many are busy
  /// @param became who it is
  private record Taken(WorkerProcess worker, Identity asked, Identity became) {}

  private static Thread newTracer(Runnable task) {
    return new CallThread(
        () -> {
          Signals.blockAsynchronous(); // they answer
          task.run();
        },
        "sluice-tracer");
  }

  @Override
  public Syscalls syscallsFor(Call call) {
    return call.isByOurselves() ? LOCAL : new WorkerSyscalls(this, call, call.identity());
  }

  @Override
  public Syscalls patientSyscallsFor(Call call) {
    return new WorkerSyscalls(this, call, call.identity());
  }

  @Override
  public Syscalls privilegedSyscallsFor(Call call, long capabilities) {
    return new WorkerSyscalls(this, call, call.identity().privilegedBy(own, capabilities));
  }

  /// Our own children are traced by another process: the JVM waits for them too, and would take a
  /// stop for the end.
  @Override
  public void trace(Call call, Consumer<Tracer> work) {
    if (call.task().status().parent() == Processes.getpid()) {
      asOurselves(
          call,
          worker -> {
            work.accept(new WorkerTracer(worker));
            return true;
          });
    } else {
      CompletableFuture.runAsync(() -> work.accept(new ThreadTracer()), tracers).join();
    }
  }

  /// A directory of ours, to mount something on where nobody sees it.
  String directory() {
    return directory.toString();
  }

  /// The path of `sluice-fuse`.
  String fuseProgram() {
    return fuseProgram;
  }

  /// Runs `work` with a worker that has become `identity`, which is that of the caller of `call`,
  /// or close to it. Throws [Abort] with EAGAIN if there are too many, and with EIO if the worker
  /// ended.
  <T> T as(Call call, Identity identity, Function<WorkerProcess, T> work) {
    return with(call, identity, worker -> Assumption.assume(worker, call, identity), work);
  }

  /// The same with a worker that is who we are.
  <T> T asOurselves(Call call, Function<WorkerProcess, T> work) {
    return with(call, own, _ -> own, work);
  }

  private <T> T with(
      Call call,
      Identity identity,
      Function<WorkerProcess, Identity> become,
      Function<WorkerProcess, T> work) {
    for (int moves = 0; moves < MAX_MOVES; moves++) {
      Taken taken = take(call.listener(), identity, become);
      WorkerProcess worker = taken.worker();
      boolean well = false;
      try {
        T result = work.apply(worker);
        well = true;
        return result;
      } catch (WorkerProcess.MovedException e) {
        LOG.debug("{}: {}", worker, e.getMessage()); // another is taken
      } catch (SyscallException e) {
        if (!worker.isKilled()) {
          LOG.warn("{}", e.getMessage());
        }
        throw Abort.errno(Errno.EIO);
      } finally {
        release(taken, well);
      }
    }
    throw Abort.errno(Errno.EIO);
  }

  private Taken take(int listener, Identity identity, Function<WorkerProcess, Identity> become) {
    synchronized (this) {
      WorkerProcess known = awaitIdle(identity);
      if (known == null) {
        makeSureThereAreMore(listener);
        starting++;
      } else {
        all.put(known, listener);
      }
      busy.merge(identity, 1, Integer::sum);
      if (known != null) {
        return new Taken(known, identity, identity);
      }
    }
    WorkerProcess worker = null;
    try {
      worker = start(listener);
      return new Taken(worker, identity, become.apply(worker));
    } catch (SyscallException e) {
      LOG.warn("a worker cannot become {}: {}", identity, e.getMessage());
      discard(identity, worker);
      throw Abort.errno(hasEnded(e) ? Errno.EIO : Errno.EACCES);
    } catch (RuntimeException | Error e) {
      discard(identity, worker);
      throw e;
    }
  }

  /// An idle worker, or null if there is none within a moment.
  private @Nullable WorkerProcess awaitIdle(Identity identity) {
    long end = System.nanoTime() + MOMENT_NANOS;
    while (true) {
      WorkerProcess known = takeIdle(identity);
      long millis = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (known != null || busy.getOrDefault(identity, 0) < ENOUGH || millis <= 0) {
        return known;
      }
      try {
        wait(millis);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw Abort.errno(Errno.EINTR);
      }
    }
  }

  /// As with threads ([Workers]), nobody gets more than are left for others. Throws [Abort].
  private void makeSureThereAreMore(int listener) {
    long held = all.values().stream().filter(holder -> holder == listener).count();
    if (closed || held >= MAX_PROCESSES - all.size() - starting) {
      throw Abort.errno(Errno.EAGAIN);
    }
  }

  /// One that has not ended by itself or by somebody else's hand.
  private @Nullable WorkerProcess takeIdle(Identity identity) {
    Deque<WorkerProcess> known = idle.remove(identity);
    WorkerProcess found = null;
    while (found == null && known != null && !known.isEmpty()) {
      WorkerProcess worker = known.pop();
      if (worker.isAlive()) {
        found = worker;
      } else {
        worker.close();
      }
    }
    if (known != null && !known.isEmpty()) {
      idle.put(identity, known);
    }
    return found;
  }

  private static boolean hasEnded(SyscallException e) {
    return e.errno() == Errno.EPIPE.number() || e.errno() == Errno.ECONNRESET.number();
  }

  private WorkerProcess start(int listener) {
    var wanted = new CompletableFuture<WorkerProcess>();
    try {
      starter.execute(() -> startFor(wanted));
      WorkerProcess worker = wanted.get();
      synchronized (this) {
        all.put(worker, listener);
        started++;
      }
      worker.onExit(() -> forget(worker));
      return worker;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof SyscallException cause
          ? cause
          : new SyscallException("execve", command.getFirst(), Errno.EIO.number());
    } catch (OutOfMemoryError noThread) { // as in Workers#execute
      abandon(wanted);
      throw Abort.errno(Errno.EAGAIN);
    } catch (InterruptedException e) {
      abandon(wanted);
      Thread.currentThread().interrupt();
      throw Abort.errno(Errno.EINTR);
    } finally {
      synchronized (this) {
        starting--;
      }
    }
  }

  private void startFor(CompletableFuture<WorkerProcess> wanted) {
    if (wanted.isDone()) {
      return; // it was abandoned
    }
    try {
      WorkerProcess worker = WorkerProcess.start(command, listening, socketPath);
      if (!wanted.complete(worker)) {
        worker.close();
      }
    } catch (RuntimeException | Error e) {
      wanted.completeExceptionally(e);
    }
  }

  /// Nobody would use that worker. It may still be started: a task stays with its executor although
  /// there was no thread for it, and runs when there is one for another.
  private static void abandon(CompletableFuture<WorkerProcess> wanted) {
    if (!wanted.cancel(false) && !wanted.isCompletedExceptionally()) {
      wanted.join().close();
    }
  }

  /// How many worker processes there are.
  public synchronized int size() {
    return all.size();
  }

  /// How many have been started since the beginning.
  public synchronized long started() {
    return started;
  }

  private synchronized void forget(WorkerProcess worker) {
    all.remove(worker);
  }

  private synchronized void discard(Identity identity, @Nullable WorkerProcess worker) {
    busy.merge(identity, -1, WorkerPool::sum);
    if (worker != null) {
      worker.close();
    }
  }

  private synchronized void release(Taken taken, boolean well) {
    WorkerProcess worker = taken.worker();
    if (!well || closed || !worker.isAlive()) {
      discard(taken.asked(), worker);
      return;
    }
    busy.merge(taken.asked(), -1, WorkerPool::sum);
    Deque<WorkerProcess> known = idle.remove(taken.became());
    if (known == null) {
      known = new ArrayDeque<>();
    }
    worker.rest();
    known.push(worker);
    idle.put(taken.became(), known);
    expectRested();
    notifyAll();
    int count = idle.values().stream().mapToInt(Deque::size).sum();
    if (count > MAX_IDLE) {
      var oldest = idle.entrySet().iterator().next();
      WorkerProcess ended = oldest.getValue().removeLast();
      if (oldest.getValue().isEmpty()) {
        idle.remove(oldest.getKey());
      }
      ended.close();
    }
  }

  private void expectRested() {
    if (!expecting && !idle.isEmpty()) {
      expecting = true;
      var _ = starter.schedule(this::endRested, REST_NANOS, TimeUnit.NANOSECONDS);
    }
  }

  private synchronized void endRested() {
    expecting = false;
    for (Deque<WorkerProcess> known : idle.values()) {
      for (WorkerProcess worker : List.copyOf(known)) {
        if (worker.hasRested(REST_NANOS)) {
          known.remove(worker);
          worker.close();
        }
      }
    }
    idle.values().removeIf(Deque::isEmpty);
    if (!closed) {
      expectRested();
    }
  }

  /// Ends the workers that rest in the mount namespace of `identity` with another root than its:
  /// what that is on could not be unmounted.
  void leaveOtherRoots(Identity identity) {
    List<WorkerProcess> ended = new ArrayList<>();
    synchronized (this) {
      for (var known : List.copyOf(idle.entrySet())) {
        if (known.getKey().mountNamespace() == identity.mountNamespace()
            && !known.getKey().root().equals(identity.root())) {
          ended.addAll(known.getValue());
          idle.remove(known.getKey());
        }
      }
    }
    ended.forEach(WorkerProcess::close);
    ended.forEach(WorkerProcess::awaitEnd);
  }

  /// For a map that has no zeros.
  private static @Nullable Integer sum(Integer a, Integer b) {
    return a + b == 0 ? null : a + b;
  }

  /// Whoever uses a worker finds it ended, and closes it.
  @Override
  public synchronized void close() {
    closed = true;
    tracers.shutdownNow();
    List.copyOf(all.keySet()).forEach(WorkerProcess::kill);
    starter.shutdownNow();
    idle.values().forEach(known -> known.forEach(WorkerProcess::close));
    idle.clear();
    Files.close(listening);
  }
}
