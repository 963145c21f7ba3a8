package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.policy.AuditMode;
import dev.sluice.supervisor.policy.CallPlan;
import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.Deadline;
import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.SafetyClass;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.CallKind;
import dev.sluice.supervisor.target.IdentityChange;
import dev.sluice.supervisor.target.Task;
import dev.sluice.supervisor.target.TaskTable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decides the calls of one listener and answers them, from the slot they were received in. On the
/// event loop, but for what workers answer.
final class Decider {
  private static final Logger LOG = LoggerFactory.getLogger(Decider.class);
  private static final Verdict REFUSE = Verdict.Fail.of(Errno.EPERM.number());
  private static final Verdict LOST = Verdict.Fail.of(Errno.EIO.number());

  private final EventLoop loop;
  private final TaskTable tasks;
  private final Answers answers;
  private final Slots slots;
  private final Deferred deferred;
  private final CallQuota quota;
  private final Observation observation = new Observation();

  /// What decides the calls from here on.
  private CompiledPolicy policy;

  /// What decides them instead of it, if anything does.
  private @Nullable Decision imposed;

  Decider(
      CompiledPolicy policy,
      EventLoop loop,
      Workers workers,
      CallMakers makers,
      TaskTable tasks,
      Answers answers,
      Slots slots,
      CallQuota quota) {
    this.policy = policy;
    this.loop = loop;
    this.tasks = tasks;
    this.answers = answers;
    this.slots = slots;
    var watching = new ExecWatch(makers, answers);
    this.deferred = new Deferred(workers, slots, this::answer, answers, watching, quota);
    this.quota = quota;
  }

  Deferred deferred() {
    return deferred;
  }

  void replace(CompiledPolicy next) {
    policy = next;
  }

  void impose(@Nullable Decision decision) {
    imposed = decision;
  }

  boolean isImposed() {
    return imposed != null;
  }

  /// Returns how the call is to be decided; null if it has been answered. Its slot is the caller's
  /// to give, also where this or [#decide] fails.
  ///
  /// @param fd the notify fd it came from
  @Nullable CallPlan begin(Slot slot, int fd) {
    slot.receivedNanos = System.nanoTime();
    slot.edition = policy.edition();
    CallPlan plan = policy.table().plan(slot.notif().arch(), slot.notif().nr());
    if (plan == null) {
      decideUnlisted(slot, fd);
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

  /// No rule is about such a call.
  private void decideUnlisted(Slot slot, int fd) {
    Arch arch = Arch.ofAudit(slot.notif().arch()).orElse(Arch.host());
    slot.call.begin(fd, CallKind.of(arch, slot.notif().nr()), IdentityChange.NONE);
    if (slot.notif().pid() == 0) {
      finish(slot, REFUSE); // made by someone we cannot see
    } else {
      answerAtOnce(slot, imposed == null ? policy.unlisted(arch, slot.notif().nr()) : imposed);
    }
  }

  private void answerAtOnce(Slot slot, Decision decision) {
    slot.decide(decision, decision.verdict(), SafetyClass.REGISTERS);
    try {
      slot.call.task(); // who is to be killed
    } catch (Abort unknown) {
      slot.decide(decision, REFUSE, SafetyClass.REGISTERS);
    }
    answer(slot, slot.verdict);
  }

  /// Decides a call and answers it. Returns whether it is over; else a worker has its slot.
  boolean decide(Slot slot, CallPlan plan) {
    if (imposed != null) {
      answerAtOnce(slot, imposed);
      return true;
    }
    try {
      Dispatcher.decide(slot, plan);
      observation.onLoop(slot, tasks);
    } catch (Abort abort) {
      if (abort != Abort.GONE) {
        return !defer(slot, plan);
      }
      giveUp(slot);
      return true;
    }
    slot.call.closeObjects();
    answer(slot, slot.verdict);
    return true;
  }

  /// Returns whether a worker has the slot; else the call is over.
  private boolean defer(Slot slot, CallPlan plan) {
    try {
      slot.call.task(); // only the loop may look for it
    } catch (Abort abort) {
      if (abort == Abort.GONE) {
        giveUp(slot);
      } else {
        finish(slot, Verdict.Fail.of(abort.errno()));
      }
      return false;
    }
    if (policy.policy().deadline().isPresent()) {
      Deadline deadline = policy.policy().deadline().get();
      slot.call.cancellation().limit(deadline.after(), deadline.otherwise());
    }
    if (!slots.hasRoom() || !deferred.begin(slot, plan)) {
      finish(slot, quota.overload());
      return false;
    }
    return true;
  }

  /// Whoever has ended needs no answer. Should it wait nevertheless, it must not wait for ever.
  private void giveUp(Slot slot) {
    Answers.discard(slot.verdict); // decided, and then there was nobody to record
    slot.decide(null, LOST, SafetyClass.REGISTERS);
    if (slot.call.isValid()) {
      answer(slot, LOST);
    }
  }

  /// A mistake of ours must not leave a call without an answer. It may have had one.
  void refuse(Slot slot, Throwable cause) {
    answers.send(slot, REFUSE);
    LOG.error("{} of thread {} is refused", slot.call.name(), slot.call.tid(), cause);
  }

  /// Answers a call that no rule decided.
  private void finish(Slot slot, Verdict verdict) {
    slot.decide(null, verdict, SafetyClass.REGISTERS);
    answer(slot, verdict);
  }

  /// Sends the verdict and leaves a record. Where that has to wait for room, the slot is a worker's
  /// from here on ([Slot#waitsForRoom]).
  void answer(Slot slot, Verdict verdict) {
    if (!answer(slot, verdict, false)) {
      lookForCaller(slot.call);
      slot.waitsForRoom = deferred.answerLater(slot, verdict);
      if (!slot.waitsForRoom) {
        answer(slot, verdict, true);
      }
    }
  }

  /// Returns whether it was sent: always, if it may wait for room for the record.
  private boolean answer(Slot slot, Verdict verdict, boolean mayWait) {
    boolean isSent = answers.answer(slot, verdict, taskOf(slot), mayWait);
    if (isSent) {
      slots.answered(slot);
    }
    return isSent;
  }

  /// Only the loop may.
  private static void lookForCaller(Call call) {
    try {
      call.task();
    } catch (Abort unknown) {
      // the record says less
    }
  }

  private @Nullable Task taskOf(Slot slot) {
    if (slot.call.hasTask()) {
      return slot.call.task();
    }
    return loop.isInside() && isRecorded(slot)
        ? tasks.peek(slot.call.tid(), slot.receivedNanos)
        : null;
  }

  private static boolean isRecorded(Slot slot) {
    return slot.decision == null || slot.decision.audit() != AuditMode.NEVER;
  }
}
