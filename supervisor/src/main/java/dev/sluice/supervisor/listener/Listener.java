package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.policy.CallPlan;
import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.Deadline;
import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.SafetyClass;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.CallDetails;
import dev.sluice.supervisor.target.CallKind;
import dev.sluice.supervisor.target.IdentityChange;
import dev.sluice.supervisor.target.Task;
import dev.sluice.supervisor.target.TaskTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One notify fd, and the tasks behind it. Runs on its event loop.
public final class Listener {
  private static final Logger LOG = LoggerFactory.getLogger(Listener.class);
  private static final long CLOSE_MILLIS = 50;
  private static final int MAX_CLOSE_ATTEMPTS = 20;
  private static final Verdict REFUSE = Verdict.Fail.of(Errno.EPERM.number());
  private static final Verdict UNKNOWN = Verdict.Fail.of(Errno.ENOSYS.number());
  private static final Verdict LOST = Verdict.Fail.of(Errno.EIO.number());

  private final int fd;
  private final EventLoop loop;
  private final TaskTable tasks = new TaskTable();
  private final Answers answers;
  private final Slots slots;
  private final Deferred deferred;
  private final CallQuota quota;
  private final Runnable resume;

  /// What somebody before us received; nothing any more once we have started.
  private List<OpenCall> open = List.of();

  private final CompletableFuture<Void> ended = new CompletableFuture<>();

  /// What decides the calls from here on; belongs to the loop.
  private CompiledPolicy policy;

  /// What decides them instead of it, if anything does; belongs to the loop.
  private @Nullable Decision imposed;

  private EventLoop.@Nullable Watched watched;
  private int closeAttempts;

  /// @param fd a notify fd, which is now ours
  /// @param waitKillable whether its filter was installed with WAIT_KILLABLE_RECV
  /// @param quota that of the container it belongs to
  /// @param journal a file for the calls that wait
  /// @param kept whether the fd and the journal are kept should we end: then the journal may be
  ///   that of somebody before us, whose calls are taken up. Else it is created
  public Listener(
      int fd,
      boolean waitKillable,
      CompiledPolicy policy,
      EventLoop loop,
      Workers workers,
      Performers performers,
      Recorder recorder,
      CallQuota quota,
      Path journal,
      boolean kept)
      throws IOException {
    this.fd = fd;
    this.policy = policy;
    this.loop = loop;
    this.answers = new Answers(fd, waitKillable, kept, recorder);
    this.slots =
        new Slots(
            kept ? takeOver(journal) : Journal.create(journal, Slots.CAPACITY),
            new ListenerCallers(tasks, performers),
            loop.slots());
    var watching = new Watching(performers, answers, waitKillable);
    this.deferred = new Deferred(workers, slots, this::answer, watching, quota);
    this.quota = quota;
    this.resume = () -> loop.execute(this::resume);
    quota.whenThereIsRoom(resume);
  }

  private Journal takeOver(Path journal) throws IOException {
    if (Files.exists(journal)) {
      open = OpenCall.read(journal);
    }
    return Journal.replace(journal, Math.max(Slots.CAPACITY, open.size() + 1), open);
  }

  /// Begins to answer. Not to be called on the loop.
  public void start() {
    // an older kernel says EINVAL and works all the same, only slower
    Seccomp.setSyncWakeUp(fd);
    CompletableFuture.runAsync(this::begin, loop::execute).join();
  }

  /// On the loop, so that it knows what is watched before anything is ready.
  private void begin() {
    open.forEach(this::takeUp);
    open = List.of();
    watched = loop.watch(fd, this::ready);
  }

  /// Completes when no task is left behind the fd, which is closed by then.
  public CompletableFuture<Void> ended() {
    return ended;
  }

  /// Decides by another policy from the next call on. Those that wait are decided by the one they
  /// were received under. Returns when that is so; not to be called on the loop.
  public void replace(CompiledPolicy next) {
    CompletableFuture.runAsync(() -> policy = next, loop::execute).join();
  }

  /// Decides every call by `decision` from here on, or by the policy again if it is null. Those
  /// that wait are refused then. Not to be called on the loop.
  public void impose(@Nullable Decision decision) {
    Runnable begin =
        () -> {
          imposed = decision;
          resume();
        };
    CompletableFuture.runAsync(begin, loop::execute).join();
    if (decision != null) {
      deferred.refuseAll();
    }
  }

  /// The calls that workers have now.
  public List<PendingCall> pending() {
    return deferred.pending();
  }

  /// Waits until every call that has been answered is recorded. A target goes on as soon as it has
  /// its answer, and may have ended before the record is made. Not to be called on the loop.
  public void awaitRecords() {
    if (!ended.isDone()) {
      CompletableFuture.runAsync(() -> {}, loop::execute).join();
      deferred.awaitRecords();
    }
  }

  /// Answers no more: calls that wait, and those to come, fail with ENOSYS. On the loop.
  public void end() {
    if (watched != null) {
      watched.cancel();
      watched = null;
      tasks.close();
    }
    if (ended.isDone()) {
      return;
    }
    quota.forget(resume);
    // a worker may still answer through it; but one that never comes back must not keep targets
    // waiting
    if (deferred.isIdle() || ++closeAttempts == MAX_CLOSE_ATTEMPTS) {
      dev.sluice.supervisor.kernel.Files.close(fd);
      slots.close();
      ended.complete(null);
    } else {
      loop.schedule(this::end, CLOSE_MILLIS);
    }
  }

  private void resume() {
    if (watched != null) {
      watched.resume();
    }
  }

  private void ready(boolean readable, boolean hungUp) {
    if (readable && quota.isClosed() && imposed == null) {
      pause();
    } else if (readable) {
      receive();
    } else if (hungUp) {
      end();
    }
  }

  private void pause() {
    if (watched != null) {
      watched.pause();
    }
    if (!quota.isClosed()) {
      resume(); // a call has ended meanwhile, and found nobody paused
    }
  }

  private void receive() {
    Slot slot = slots.take();
    int received = Seccomp.receive(fd, slot.notif());
    if (received < 0) {
      slots.give(slot);
      // the caller died or was interrupted before we came, or we were: there will be another event
      if (received != -Errno.ENOENT.number() && received != -Errno.EINTR.number()) {
        LOG.error("SECCOMP_IOCTL_NOTIF_RECV: {}: the listener is closed", Errno.nameOf(-received));
        end();
      }
      return;
    }
    CallPlan plan = begin(slot);
    if (plan != null) {
      decide(slot, plan);
    }
  }

  /// Returns how the call is to be decided; null if it has been answered.
  private @Nullable CallPlan begin(Slot slot) {
    slot.receivedNanos = System.nanoTime();
    slot.edition = policy.edition();
    CallPlan plan = policy.table().plan(slot.notif().arch(), slot.notif().nr());
    if (plan == null) {
      refuseUnknown(slot);
      return null;
    }
    slot.call.begin(fd, plan.kind(), plan.change());
    if (slot.notif().pid() == 0) {
      finish(slot, REFUSE); // made by someone we cannot see
      return null;
    }
    tasks.expect(plan.change(), slot.call);
    return plan;
  }

  /// Goes on with a call that somebody before us received, in the slot it is in.
  private void takeUp(OpenCall before) {
    Slot slot = slots.takeNext();
    if (Seccomp.idValid(fd, slot.notif()) < 0) {
      slots.give(slot); // it was answered, or its caller is gone
      return;
    }
    CallPlan plan = begin(slot);
    if (plan == null) {
      return;
    }
    Recovery recovery = Recovery.of(before);
    if (recovery.answer().isPresent()) {
      slot.decide(null, recovery.answer().get(), SafetyClass.EMULATED);
      answer(slot, slot.verdict);
      slots.give(slot);
      return;
    }
    recovery.unfinished().ifPresent(slot.call::resume);
    decide(slot, plan);
  }

  /// The filter notifies no such call; should it happen nevertheless, there is nothing to decide it
  /// by.
  private void refuseUnknown(Slot slot) {
    Arch arch = Arch.ofAudit(slot.notif().arch()).orElse(Arch.host());
    slot.call.begin(fd, CallKind.of(arch, slot.notif().nr()), IdentityChange.NONE);
    if (imposed == null) {
      finish(slot, UNKNOWN);
    } else {
      answerImposed(slot, imposed);
    }
  }

  private void answerImposed(Slot slot, Decision decision) {
    slot.decide(decision, decision.verdict(), SafetyClass.REGISTERS);
    try {
      slot.call.task(); // who is to be killed
    } catch (Abort unknown) {
      slot.decide(decision, REFUSE, SafetyClass.REGISTERS);
    }
    answer(slot, slot.verdict);
    slots.give(slot);
  }

  private void decide(Slot slot, CallPlan plan) {
    if (imposed != null) {
      answerImposed(slot, imposed);
      return;
    }
    try {
      Dispatcher.decide(slot, plan);
      observe(slot);
    } catch (Abort abort) {
      if (abort == Abort.GONE) {
        giveUp(slot);
      } else {
        defer(slot, plan);
      }
      return;
    }
    slot.call.closeObjects();
    answer(slot, slot.verdict);
    slots.give(slot);
  }

  private void defer(Slot slot, CallPlan plan) {
    try {
      slot.call.task(); // only the loop may look for it
    } catch (Abort abort) {
      if (abort == Abort.GONE) {
        giveUp(slot);
      } else {
        finish(slot, Verdict.Fail.of(abort.errno()));
      }
      return;
    }
    if (policy.policy().deadline().isPresent()) {
      Deadline deadline = policy.policy().deadline().get();
      slot.call.cancellation().limit(deadline.after(), deadline.otherwise());
    }
    if (!slots.hasRoom() || !deferred.begin(slot, plan)) {
      finish(slot, quota.overload());
    }
  }

  /// Whoever has ended needs no answer. Should it wait nevertheless, it must not wait for ever.
  private void giveUp(Slot slot) {
    if (slot.call.isValid()) {
      finish(slot, LOST);
    } else {
      slots.give(slot);
    }
  }

  /// What a record needs is looked up while the caller waits. A call that continues is recorded
  /// with the path it was given, copied now: its memory is the caller's again afterwards.
  private void observe(Slot slot) {
    if (slot.decision == null || !slot.decision.audit().demandsRecord()) {
      return;
    }
    try {
      Task known = tasks.peek(slot.call.tid());
      var _ = (known == null ? slot.call.task() : known).exe(); // looked for once
      if (slot.verdict instanceof Verdict.Continue) {
        for (int i = 0; i < slot.call.pathCount(); i++) {
          slot.call.copiedPath(i);
        }
        CallDetails.complete(slot.call);
      }
    } catch (Abort abort) {
      if (abort == Abort.GONE) {
        throw abort;
      }
      // the record says less, and the kernel will say so too
    }
  }

  /// Answers a call that no rule decided.
  private void finish(Slot slot, Verdict verdict) {
    slot.decide(null, verdict, SafetyClass.REGISTERS);
    answer(slot, verdict);
    slots.give(slot);
  }

  /// Sends the verdict and leaves a record; on the loop or on a worker.
  private void answer(Slot slot, Verdict verdict) {
    answers.answer(slot, verdict, taskOf(slot.call));
    slots.answered(slot);
  }

  private @Nullable Task taskOf(Call call) {
    if (call.hasTask()) {
      return call.task();
    }
    return loop.isInside() ? tasks.peek(call.tid()) : null;
  }
}
