package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.kernel.CallThread;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The threads for calls that may block. A call never waits for another's thread: it gets one that
/// is idle, or a new one. Platform threads: a virtual one that blocks in a system call holds its
/// carrier.
public final class Workers implements AutoCloseable {
  /// How many calls of all listeners may wait at once.
  public static final int MAX = 1024;

  private static final int IDLE_SECONDS = 10;
  private static final long END_MILLIS = 1000;
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final AtomicInteger count = new AtomicInteger();
  private final AtomicInteger busy = new AtomicInteger();
  private final ThreadPoolExecutor pool =
      new ThreadPoolExecutor(
          0, MAX, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), this::newThread);
  private volatile @Nullable Thread watcher;
  private final ScheduledThreadPoolExecutor watch =
      new ScheduledThreadPoolExecutor(1, this::newWatcher);

  /// The thread that looks after the others is there before any of them is.
  public Workers() {
    watch.prestartCoreThread();
  }

  private Thread newThread(Runnable task) {
    return thread(task, "sluice-worker-" + count.incrementAndGet());
  }

  private Thread newWatcher(Runnable task) {
    Thread thread = thread(task, "sluice-watch");
    watcher = thread;
    return thread;
  }

  private static Thread thread(Runnable task, String name) {
    return new CallThread(
        () -> {
          EventLoop.prepareThread();
          task.run();
        },
        name);
  }

  /// Returns whether there was a thread. Nobody gets more than are left for others: so there is
  /// always one for a listener that has none.
  ///
  /// @param held how many the same listener has
  boolean execute(Runnable task, int held) {
    if (held >= MAX - busy.get()) {
      return false;
    }
    busy.incrementAndGet();
    try {
      pool.execute(() -> run(task));
      return true;
    } catch (RejectedExecutionException | OutOfMemoryError none) {
      // the latter is how the JVM says that the system has no thread left (pids.max, RLIMIT_NPROC)
      busy.decrementAndGet();
      return false;
    }
  }

  private void run(Runnable task) {
    try {
      task.run();
    } finally {
      busy.decrementAndGet();
    }
  }

  /// How many calls have a thread.
  public int busy() {
    return busy.get();
  }

  /// Waits until none has, but no longer than so many nanoseconds.
  public void awaitIdle(long nanos) {
    long until = System.nanoTime() + nanos;
    while (busy() > 0 && System.nanoTime() - until < 0) {
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  /// Runs `task` after a while, on the one thread that looks after those that wait. Returns false
  /// if there is no such thread any more, or no memory.
  boolean watch(Runnable task, long delayMillis) {
    try {
      var _ = watch.schedule(task, delayMillis, TimeUnit.MILLISECONDS);
      return true;
    } catch (RejectedExecutionException | OutOfMemoryError none) {
      return false;
    }
  }

  /// What workers do may never end; but nothing of an idle supervisor is left behind.
  @Override
  public void close() {
    watch.shutdownNow();
    pool.shutdownNow();
    Thread last = watcher;
    if (last != null) {
      try {
        last.join(END_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
