package dev.sluice.supervisor.handler;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.policy.Emulation;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A handler that is not ours: on a worker, under a deadline, behind a circuit breaker. Whatever it
/// does costs its own call an errno and nothing else.
final class PlugIn implements Emulation {
  private static final Logger LOG = LoggerFactory.getLogger(PlugIn.class);
  private static final Verdict FAILED = Verdict.Fail.of(Errno.EIO.number());

  /// After so many failures in a row it is left alone for a while.
  private static final int MAX_FAILURES = 5;

  /// So many calls may be in it at once; those that never return count for good.
  private static final int MAX_INSIDE = 8;

  private static final long REST_NANOS = Duration.ofSeconds(10).toNanos();

  private final SyscallHandler handler;
  private final Map<String, String> options;
  private final Duration deadline;
  private final AtomicInteger inside = new AtomicInteger();
  private final AtomicInteger failures = new AtomicInteger();
  private volatile long restUntil = System.nanoTime();

  /// @param options with which `handler` was configured
  PlugIn(SyscallHandler handler, Map<String, String> options, Duration deadline) {
    this.handler = handler;
    this.options = Map.copyOf(options);
    this.deadline = deadline;
  }

  @Override
  public String name() {
    return handler.name();
  }

  @Override
  public Map<String, String> options() {
    return options;
  }

  @Override
  public Verdict perform(Call call) {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    if (System.nanoTime() - restUntil < 0) {
      return FAILED;
    }
    if (inside.incrementAndGet() > MAX_INSIDE) {
      inside.decrementAndGet();
      return FAILED;
    }
    call.cancellation().limitHandler(deadline);
    try {
      Verdict verdict = handler.handle(call, Context.INSTANCE);
      if (call.cancellation().isHandlerLate(System.nanoTime())) {
        close(verdict);
        return failed(call, "took longer than " + deadline.toMillis() + " ms", null);
      }
      if (isNonsense(verdict)) {
        return failed(call, "answered " + verdict, null);
      }
      failures.set(0);
      return verdict;
    } catch (Abort abort) {
      if (abort == Abort.GONE && call.isValid()) {
        return failed(call, "gave up", abort);
      }
      throw abort;
    } catch (Throwable e) { // whatever it is: somebody waits for an answer
      return failed(call, "threw " + e, e);
    } finally {
      inside.decrementAndGet();
      call.cancellation().endHandler();
    }
  }

  private Verdict failed(Call call, String what, @Nullable Throwable cause) {
    LOG.warn(
        "handler {} {} at {} of thread {}: the call fails with EIO",
        name(),
        what,
        call.name(),
        call.tid());
    LOG.debug("handler {}", name(), cause);
    if (failures.incrementAndGet() % MAX_FAILURES == 0) {
      LOG.warn("handler {} failed {} times in a row and rests for 10 s", name(), MAX_FAILURES);
      restUntil = System.nanoTime() + REST_NANOS;
    }
    return FAILED;
  }

  /// What nobody is given any more.
  private static void close(@Nullable Verdict verdict) {
    if (verdict instanceof Verdict.InjectFd(int fd, boolean _, boolean _) && fd >= 0) {
      Files.close(fd);
    }
  }

  private static boolean isNonsense(@Nullable Verdict verdict) {
    return switch (verdict) {
      case null -> true;
      case Verdict.Fail(int errno) -> errno <= 0 || errno > Errno.MAX_ERRNO;
      case Verdict.InjectFd(int fd, boolean _, boolean _) -> fd < 0;
      case Verdict.Emulate _, Verdict.ContinueWatched _ -> true;
      default -> false;
    };
  }
}
