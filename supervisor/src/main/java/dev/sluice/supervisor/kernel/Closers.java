package dev.sluice.supervisor.kernel;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/// Threads that close what may have to wait for others: a socket that lingers (SO_LINGER), or a
/// file whose server does not answer (FUSE).
public final class Closers {
  /// More than wait where nobody means harm.
  private static final int FEW = 16;

  private static final ExecutorService THREADS = Executors.newCachedThreadPool(Closers::thread);

  private static final AtomicInteger WAITING = new AtomicInteger();

  private Closers() {}

  private static Thread thread(Runnable task) {
    return Thread.ofPlatform().name("sluice-close").daemon(true).unstarted(task);
  }

  /// Whether no more than a few of them wait. If not, nobody should take anything more that they
  /// would have to close.
  public static boolean areFew() {
    return WAITING.get() < FEW;
  }

  /// Has `close` run by one of them. Throws [OutOfMemoryError] where there can be no more threads:
  /// it stays open then.
  public static void run(Runnable close) {
    WAITING.incrementAndGet();
    try {
      THREADS.execute(() -> runCounted(close));
    } catch (OutOfMemoryError e) {
      WAITING.decrementAndGet();
      throw e;
    }
  }

  private static void runCounted(Runnable close) {
    try {
      close.run();
    } finally {
      WAITING.decrementAndGet();
    }
  }

  /// Has a descriptor closed by one of them.
  static void close(int fd) {
    run(() -> Files.close(fd));
  }

  /// The same if few wait; else this thread closes it, and so whoever sends such things waits.
  static void closeOrWait(int fd) {
    if (!areFew()) {
      Files.close(fd);
      return;
    }
    try {
      close(fd);
    } catch (OutOfMemoryError e) {
      Files.close(fd); // there is no other thread for it
    }
  }
}
