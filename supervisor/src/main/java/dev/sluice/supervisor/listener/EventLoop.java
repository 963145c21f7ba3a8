package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.kernel.CallThread;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.Processes;
import dev.sluice.supervisor.kernel.Signals;
import dev.sluice.supervisor.target.KeptTasks;
import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One thread that waits on descriptors with epoll(7), by Netty. The only class that knows Netty.
public final class EventLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);
  private static final int EPOLLIN = 1;
  private static final int EPOLLHUP = 0x10;

  private final Loop loop;
  private final int tid;

  /// Told when a descriptor is ready; on the loop's thread.
  public interface Ready {
    /// @param readable EPOLLIN
    /// @param hungUp EPOLLHUP: for a notify fd, no task uses the filter any more
    void ready(boolean readable, boolean hungUp);
  }

  /// A descriptor that is being waited on.
  public interface Watched {
    /// Stops waiting. The descriptor may be closed once this has returned, if called on the loop.
    void cancel();

    /// Waits for EPOLLHUP only.
    void pause();

    /// Waits for EPOLLIN again.
    void resume();
  }

  private final SlotPool slots = new SlotPool();
  private final KeptTasks tasks = KeptTasks.asManyAsFit();

  public EventLoop(String name) {
    loop = new Loop(task -> new CallThread(task, name));
    loop.submit(EventLoop::prepareThread).syncUninterruptibly();
    tid = loop.submit(Processes::gettid).syncUninterruptibly().getNow();
  }

  /// Its thread.
  int tid() {
    return tid;
  }

  /// Threads that answer notifications must not be interrupted, and take on the umask of targets.
  static void prepareThread() {
    Signals.blockAsynchronous();
    Files.unshareFs();
  }

  /// Waits on `fd`, level-triggered, until cancelled.
  public Watched watch(int fd, Ready ready) {
    var handle = new Handle(new FileDescriptor(fd), ready);
    IoRegistration registration = loop.register(handle).syncUninterruptibly().getNow();
    registration.submit(EpollIoOps.EPOLLIN);
    return new Registered(registration);
  }

  /// For the calls of its listeners.
  SlotPool slots() {
    return slots;
  }

  /// Takes back what workers have had of a listener that has ended: the next call of another may be
  /// long in coming.
  void collectSlots() {
    try {
      execute(slots::collect);
    } catch (RejectedExecutionException closing) {
      // all of it ends with the loop
    }
  }

  /// What its listeners remember of their callers.
  KeptTasks tasks() {
    return tasks;
  }

  public boolean isInside() {
    return loop.inEventLoop();
  }

  public void execute(Runnable task) {
    loop.execute(task);
  }

  /// Has it do `task`, and returns when that is done; or without it if it has ended, as whatever
  /// could be told of it has too. Not to be called on the loop.
  public void await(Runnable task) {
    CompletableFuture<Void> done;
    try {
      done = CompletableFuture.runAsync(task, loop);
    } catch (RejectedExecutionException ended) {
      return;
    }
    done.join();
  }

  public void schedule(Runnable task, long delayMillis) {
    var _ = loop.schedule(task, delayMillis, TimeUnit.MILLISECONDS);
  }

  /// Has it do nothing more, for as long as the process lives, once it has done what it is at.
  /// Waits for that, but no longer than so many nanoseconds: one that hangs answers nothing either.
  public void hold(long nanos) {
    var held = new CountDownLatch(1);
    try {
      loop.execute(() -> {
        held.countDown();
        while (true) {
          LockSupport.park();
        }
      });
      var _ = held.await(nanos, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException closing) {
      // nothing is received any more
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  /// Netty's loop, without the five looks at the clock and the timer it spends on every event.
  private static final class Loop extends SingleThreadIoEventLoop {
    private static final long NONE = -1;

    Loop(ThreadFactory threads) {
      // The lambda is a factory whose handlers cannot change threads. With EpollIoHandler's own,
      // which can, Netty measures how busy the loop is.
      super(null, threads, executor -> EpollIoHandler.newFactory().newHandler(executor));
    }

    /// Netty would wake up after a second although nothing is scheduled.
    @Override
    protected long deadlineNanos() {
      return nextScheduledTaskDeadlineNanos() == NONE ? NONE : super.deadlineNanos();
    }
  }

  private record Registered(IoRegistration registration) implements Watched {
    @Override
    public void cancel() {
      registration.cancel();
    }

    @Override
    public void pause() {
      // which a notify fd never reports; for NONE, Netty removes the fd and does not add it again
      registration.submit(EpollIoOps.EPOLLRDHUP);
    }

    @Override
    public void resume() {
      registration.submit(EpollIoOps.EPOLLIN);
    }
  }

  private record Handle(FileDescriptor fd, Ready ready) implements EpollIoHandle {
    @Override
    public void handle(IoRegistration registration, IoEvent event) {
      int events = ((EpollIoEvent) event).ops().value();
      try {
        ready.ready((events & EPOLLIN) != 0, (events & EPOLLHUP) != 0);
      } catch (RuntimeException | Error e) {
        // whatever leaves this method makes Netty drop the other events and sleep for a second
        LOG.error(
            "while handling events 0x{} of fd {}", Integer.toHexString(events), fd.intValue(), e);
      }
    }

    @Override
    public void close() {
      // the descriptor is its owner's to close
    }
  }
}
