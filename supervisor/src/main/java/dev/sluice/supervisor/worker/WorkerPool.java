package dev.sluice.supervisor.worker;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.SyscallException;
import dev.sluice.supervisor.kernel.UnixSocket;
import dev.sluice.supervisor.listener.Performers;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Identity;
import dev.sluice.supervisor.target.LocalSyscalls;
import dev.sluice.supervisor.target.Syscalls;
import dev.sluice.supervisor.target.Task;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The workers of a supervisor, by the identity they have taken on. Each serves one call at a time.
public final class WorkerPool implements Performers, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerPool.class);
  private static final int MAX_PROCESSES = 64;
  private static final int MAX_IDLE = 8;
  private static final Syscalls LOCAL = new LocalSyscalls();

  private final String program;
  private final Path directory;
  private final String socketPath;
  private final int listening;

  /// Workers end with the thread that started them.
  private final ExecutorService starter =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().name("sluice-worker-starter").daemon(true).factory());

  /// Idle workers; the identity that was used longest ago comes first.
  private final Map<Identity, Deque<WorkerProcess>> idle = new LinkedHashMap<>();

  private final Set<WorkerProcess> all = new HashSet<>();
  private int starting;
  private final Identity own = Identity.ofSelf();

  /// @param program the path of `sluice-worker`
  /// @param directory where its socket is made: nobody else's to enter
  public WorkerPool(String program, Path directory) {
    this.program = program;
    this.directory = directory;
    this.socketPath = directory.resolve("worker").toString();
    this.listening = UnixSocket.listen(socketPath, MAX_PROCESSES);
  }

  @Override
  public Syscalls performerFor(Call call) {
    return call.task().isOurs() ? LOCAL : new WorkerSyscalls(this, call);
  }

  @Override
  public Syscalls patientPerformerFor(Call call) {
    return new WorkerSyscalls(this, call);
  }

  /// A directory of ours, to mount something on where nobody sees it.
  String directory() {
    return directory.toString();
  }

  /// Runs `work` with a worker that is who `task` is, and where it is. Throws [Abort] with EAGAIN
  /// if there are too many, and with EIO if the worker ended.
  <T> T as(Task task, Function<WorkerProcess, T> work) {
    return with(task.identity(), worker -> Assumption.assume(worker, task), work);
  }

  /// The same with a worker that is who we are.
  <T> T asOurselves(Function<WorkerProcess, T> work) {
    return with(own, _ -> {}, work);
  }

  private <T> T with(
      Identity identity, Consumer<WorkerProcess> become, Function<WorkerProcess, T> work) {
    WorkerProcess worker = take(identity, become);
    boolean well = false;
    try {
      T result = work.apply(worker);
      well = true;
      return result;
    } catch (SyscallException e) {
      if (!worker.isKilled()) {
        LOG.warn("{}", e.getMessage());
      }
      throw Abort.errno(Errno.EIO);
    } finally {
      release(identity, worker, well);
    }
  }

  private WorkerProcess take(Identity identity, Consumer<WorkerProcess> become) {
    synchronized (this) {
      WorkerProcess known = takeIdle(identity);
      if (known != null) {
        return known;
      }
      if (all.size() + starting >= MAX_PROCESSES) {
        throw Abort.errno(Errno.EAGAIN);
      }
      starting++;
    }
    WorkerProcess worker = null;
    try {
      worker = start();
      become.accept(worker);
      return worker;
    } catch (SyscallException e) {
      if (e.errno() != Errno.ESRCH.number()) { // then it is the caller that has ended
        LOG.warn("a worker cannot become {}: {}", identity, e.getMessage());
      }
      if (worker != null) {
        worker.close();
        worker = null;
      }
      throw Abort.errno(hasEnded(e) ? Errno.EIO : Errno.EACCES);
    } finally {
      synchronized (this) {
        starting--;
        if (worker != null) {
          all.add(worker);
        }
      }
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
        all.remove(worker);
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

  private WorkerProcess start() {
    try {
      return starter.submit(() -> WorkerProcess.start(program, listening, socketPath)).get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof SyscallException cause
          ? cause
          : new SyscallException("execve", program, Errno.EIO.number());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Abort.errno(Errno.EINTR);
    }
  }

  private synchronized void release(Identity identity, WorkerProcess worker, boolean well) {
    if (!well || !worker.isAlive()) {
      all.remove(worker);
      worker.close();
      return;
    }
    Deque<WorkerProcess> known = idle.remove(identity);
    if (known == null) {
      known = new ArrayDeque<>();
    }
    known.push(worker);
    idle.put(identity, known);
    int count = idle.values().stream().mapToInt(Deque::size).sum();
    if (count > MAX_IDLE) {
      var oldest = idle.entrySet().iterator().next();
      WorkerProcess ended = oldest.getValue().removeLast();
      if (oldest.getValue().isEmpty()) {
        idle.remove(oldest.getKey());
      }
      all.remove(ended);
      ended.close();
    }
  }

  @Override
  public synchronized void close() {
    starter.shutdownNow();
    all.forEach(WorkerProcess::close);
    all.clear();
    idle.clear();
    Files.close(listening);
  }
}
