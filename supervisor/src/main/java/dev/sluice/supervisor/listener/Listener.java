package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.Processes;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.policy.CallPlan;
import dev.sluice.supervisor.policy.CallPlan.Watch;
import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.SafetyClass;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Callers;
import dev.sluice.supervisor.target.Syscalls;
import dev.sluice.supervisor.target.Task;
import dev.sluice.supervisor.target.TaskTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One notify fd, and the tasks behind it. Runs on its event loop.
public final class Listener {
  private static final Logger LOG = LoggerFactory.getLogger(Listener.class);
  private static final Verdict REFUSE = Verdict.Fail.of(Errno.EPERM.number());
  private static final Verdict UNKNOWN = Verdict.Fail.of(Errno.ENOSYS.number());
  private static final Verdict BUSY = Verdict.Fail.of(Errno.EAGAIN.number());

  private final int fd;
  private final CompiledPolicy policy;
  private final EventLoop loop;
  private final Recorder recorder;
  private final TaskTable tasks = new TaskTable();
  private final Answers answers;
  private final Slots slots;
  private final Deferred deferred;
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private EventLoop.@Nullable Watched watched;

  /// @param fd a notify fd, which is now ours
  /// @param journal a file to create, for the calls that wait
  public Listener(
      int fd,
      CompiledPolicy policy,
      EventLoop loop,
      Workers workers,
      Performers performers,
      Recorder recorder,
      Path journal)
      throws IOException {
    this.fd = fd;
    this.policy = policy;
    this.loop = loop;
    this.recorder = recorder;
    this.answers = new Answers(fd);
    this.slots = new Slots(journal, new CallersOfListener(performers));
    this.deferred = new Deferred(loop, workers, slots, this::answer);
  }

  /// Begins to answer. Not to be called on the loop.
  public void start() {
    // an older kernel says EINVAL and works all the same, only slower
    Seccomp.setSyncWakeUp(fd);
    watched = loop.watch(fd, this::ready);
  }

  /// Completes when no task is left behind the fd, which is closed by then.
  public CompletableFuture<Void> ended() {
    return ended;
  }

  private void ready(boolean readable, boolean hungUp) {
    if (readable) {
      receive();
    } else if (hungUp) {
      end();
    }
  }

  private void end() {
    if (watched != null) {
      watched.cancel();
      watched = null;
      tasks.close();
      Files.close(fd);
      ended.complete(null);
    }
  }

  private void receive() {
    Slot slot = slots.take();
    int received = Seccomp.receive(fd, slot.notif);
    if (received < 0) {
      slots.give(slot);
      // the caller died or was interrupted before we came, or we were: there will be another event
      if (received != -Errno.ENOENT.number() && received != -Errno.EINTR.number()) {
        LOG.error("SECCOMP_IOCTL_NOTIF_RECV: {}", Errno.nameOf(-received));
      }
      return;
    }
    slot.receivedNanos = System.nanoTime();
    CallPlan plan = policy.table().plan(slot.notif.arch(), slot.notif.nr());
    if (plan == null || slot.notif.pid() == 0) {
      // not ours to decide, or made by someone we cannot see
      slot.decide(null, plan == null ? UNKNOWN : REFUSE, SafetyClass.REGISTERS);
      answers.send(slot.call, slot.verdict);
      slots.give(slot);
      return;
    }
    slot.plan = plan;
    slot.call.begin(fd, plan.kind());
    decide(slot, plan);
  }

  private void decide(Slot slot, CallPlan plan) {
    try {
      Dispatcher.decide(slot, plan);
      observe(slot);
      if (plan.watch() != Watch.NONE) {
        watch(slot, plan.watch());
      }
      answer(slot, slot.verdict);
      slots.give(slot);
    } catch (Abort abort) {
      if (abort == Abort.WOULD_BLOCK) {
        defer(slot, plan);
      } else {
        slots.give(slot);
      }
    }
  }

  private void defer(Slot slot, CallPlan plan) {
    try {
      slot.call.task(); // only the loop may look for it
    } catch (Abort abort) {
      if (abort.errno() != 0) {
        slot.decide(null, Verdict.Fail.of(abort.errno()), SafetyClass.EMULATED);
        answer(slot, slot.verdict);
      }
      slots.give(slot);
      return;
    }
    if (!slots.hasRoom() || !deferred.begin(slot, plan)) {
      slot.decide(null, BUSY, SafetyClass.EMULATED);
      answer(slot, BUSY);
      slots.give(slot);
    }
  }

  /// What a record needs is looked up while the caller waits. A call that continues is recorded
  /// with the path it was given, copied now: its memory is the caller's again afterwards.
  private void observe(Slot slot) {
    if (slot.decision == null || !slot.decision.audit().demandsRecord()) {
      return;
    }
    if (tasks.peek(slot.call.tid()) == null) {
      slot.call.task();
    }
    if (slot.verdict instanceof Verdict.Continue) {
      for (int i = 0; i < slot.call.pathCount(); i++) {
        try {
          slot.call.copiedPath(i);
        } catch (Abort abort) {
          if (abort == Abort.GONE) {
            throw abort;
          }
          // the kernel will say so too
        }
      }
    }
  }

  private void watch(Slot slot, Watch watch) {
    int tid = slot.call.tid();
    switch (watch) {
      case CREDENTIALS -> tasks.forget(tid);
      case ROOT -> tasks.forgetAllForGood();
      case EXEC -> {
        Task known = tasks.peek(tid);
        if (known != null) {
          tasks.forgetExecing(known);
        } else if (!isLeader(tid)) {
          tasks.forgetExecing(slot.call.task());
        }
      }
      case NONE -> {}
    }
  }

  private static boolean isLeader(int tid) {
    return Processes.tgkill(tid, tid, 0) != -Errno.ESRCH.number();
  }

  /// Sends the verdict and leaves a record; on the loop or on a worker.
  private void answer(Slot slot, Verdict verdict) {
    int result = answers.send(slot.call, verdict);
    slots.answered(slot);
    long latency = System.nanoTime() - slot.receivedNanos;
    recorder.record(
        slot.call, taskOf(slot.call), slot.decision, verdict, slot.safety, result, latency);
  }

  private @Nullable Task taskOf(Call call) {
    if (call.hasTask()) {
      return call.task();
    }
    return loop.isInside() ? tasks.peek(call.tid()) : null;
  }

  private final class CallersOfListener implements Callers {
    private final Performers performers;

    CallersOfListener(Performers performers) {
      this.performers = performers;
    }

    @Override
    public Task acquire(Call call) {
      return tasks.acquire(call);
    }

    @Override
    public void release(Task task) {
      tasks.release(task);
    }

    @Override
    public Syscalls performerFor(Call call) {
      return performers.performerFor(call);
    }

    @Override
    public Syscalls patientPerformerFor(Call call) {
      return performers.patientPerformerFor(call);
    }
  }
}
