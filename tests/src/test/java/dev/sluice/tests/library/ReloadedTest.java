package dev.sluice.tests.library;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.Sluice;
import dev.sluice.supervisor.handler.Context;
import dev.sluice.supervisor.handler.SyscallHandler;
import dev.sluice.supervisor.policy.PolicyException;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Call;
import dev.sluice.tests.harness.Sandbox;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// [Sluice#reload], beside whatever else is asked of the same supervisor.
final class ReloadedTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  /// There is nothing left to decide by it.
  @Test
  void aPolicyMayBeReadAgainWhileItCloses() throws Exception {
    var closing = new CompletableFuture<Sluice>();
    var times = new AtomicInteger();
    var handler =
        new Configured(() -> {
          // the second time, as it is known by then for whom it is read
          if (closing.isDone() && times.incrementAndGet() == 2) {
            closing.join().close();
          }
        });
    Path policy = sandbox.policy("- {on: getppid, emulate: {handler: pretend, as: init}}");
    var sluice = Sluice.policy(policy).handler(handler).open();
    Process child = sluice.start(new ProcessBuilder("cat"));
    closing.complete(sluice);

    sluice.reload();

    assertThat(sluice.supervised()).isEmpty();
    child.destroyForcibly().waitFor();
  }

  /// As on a file system that does not answer.
  @Test
  void aReloadThatTakesLongKeepsNobodyElseWaiting() throws Exception {
    var begun = new CountDownLatch(2);
    var over = new CountDownLatch(1);
    var handler =
        new Configured(() -> {
          begun.countDown();
          if (begun.getCount() == 0) {
            over.await();
          }
        });
    Path policy = sandbox.policy("- {on: getppid, emulate: {handler: pretend, as: init}}");
    try (var sluice = Sluice.policy(policy).handler(handler).open()) {
      Executor own = task -> Thread.ofPlatform().start(task);
      var reload = CompletableFuture.runAsync(() -> reload(sluice), own);
      begun.await();

      var quarantine = CompletableFuture.supplyAsync(() -> sluice.quarantine("nobody", true), own);
      try {
        assertThat(quarantine).succeedsWithin(Duration.ofSeconds(60)).isEqualTo(false);
      } finally {
        over.countDown();
      }
      reload.join();
      assertThat(sluice.epoch()).isEqualTo(2);
    }
  }

  private static void reload(Sluice sluice) {
    try {
      sluice.reload();
    } catch (PolicyException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /// What is done when a policy is compiled that names it.
  private interface Step {
    void run() throws InterruptedException;
  }

  private record Configured(Step step) implements SyscallHandler {
    @Override
    public String name() {
      return "pretend";
    }

    @Override
    public Set<String> syscalls() {
      return Set.of("getppid");
    }

    @Override
    public Verdict handle(Call call, Context context) {
      return Verdict.Return.of(77);
    }

    @Override
    public SyscallHandler configure(Map<String, String> options) {
      try {
        step.run();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return this;
    }
  }
}
