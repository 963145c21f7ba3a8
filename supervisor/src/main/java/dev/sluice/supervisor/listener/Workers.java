package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.kernel.CallThread;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// The threads for calls that may block. Platform threads: a virtual one that blocks in a system
/// call holds its carrier.
public final class Workers implements AutoCloseable {
  private static final int QUEUE = 4096;

  private final ThreadPoolExecutor pool;

  public Workers(int threads) {
    var number = new AtomicInteger();
    pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(QUEUE),
            task ->
                new CallThread(
                    () -> {
                      EventLoop.prepareThread();
                      task.run();
                    },
                    "sluice-worker-" + number.incrementAndGet()));
    pool.allowCoreThreadTimeOut(true);
  }

  /// Returns whether there was room.
  boolean execute(Runnable task) {
    try {
      pool.execute(task);
      return true;
    } catch (RejectedExecutionException full) {
      return false;
    }
  }

  @Override
  public void close() {
    pool.shutdownNow();
  }
}
