package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Processes;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

/// Threads of this process that do nothing, and are there as long as a test needs them: those of
/// the JVM come and go.
final class ParkedThreads implements AutoCloseable {
  private final CountDownLatch end = new CountDownLatch(1);

  /// Starts another one, and returns its thread id.
  int start() {
    var tid = new CompletableFuture<Integer>();
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          tid.complete(Processes.gettid());
          awaitEnd();
        });
    return tid.join();
  }

  private void awaitEnd() {
    try {
      end.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    end.countDown();
  }
}
