package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.policy.Action;
import dev.sluice.supervisor.policy.AuditMode;
import dev.sluice.supervisor.policy.CallPlan;
import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.Emulation;
import dev.sluice.supervisor.policy.Limited;
import dev.sluice.supervisor.policy.PolicyCompiler;
import dev.sluice.supervisor.policy.SafetyClass;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.IdentityChange;
import dev.sluice.supervisor.target.Vector;
import dev.sluice.supervisor.target.VectorParameter;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decides a call by its plan, up to the verdict that can be sent.
final class Dispatcher {
  private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
  private static final Verdict REFUSE = Verdict.Fail.of(Errno.EPERM.number());

  private Dispatcher() {}

  /// Sets what was decided in `slot`. Throws [Abort#GONE], [Abort#WOULD_BLOCK] and [Abort#CHANGED];
  /// every other failure is a verdict.
  static void decide(Slot slot, CallPlan plan) {
    decideVerdict(slot, plan);
    copyVectors(slot);
  }

  /// What records of the policy are to show is copied while the caller waits: afterwards its memory
  /// is its own again, or that of another program.
  private static void copyVectors(Slot slot) {
    Decision decision = slot.decision;
    Set<Vector> shown = slot.edition.shown();
    if (!shown.isEmpty()
        && VectorParameter.isAnyOf(slot.call.name(), shown)
        && (decision == null || decision.audit() != AuditMode.NEVER)) {
      slot.call.memory().mayWait();
      slot.call.copyVectors(shown);
    }
  }

  private static void decideVerdict(Slot slot, CallPlan plan) {
    Call call = slot.call;
    Decision decision = null;
    try {
      decision = withinLimit(slot, plan.decide(call));
      slot.decision = decision; // for the record, should the time run out before it is settled
      Verdict verdict = settle(call, plan, decision);
      if (takesPlace(verdict) && movesOurRoot(call, plan)) {
        verdict = REFUSE;
        decision = guard(decision);
      }
      slot.decide(decision, verdict, safety(call, plan, decision, verdict));
      decideInterpreters(slot, plan);
    } catch (Abort abort) {
      if (abort.errno() == 0) {
        throw abort;
      }
      Verdict verdict = Verdict.Fail.of(abort.errno());
      slot.decide(
          decision,
          decision == null ? undecided(call, plan, verdict) : verdict,
          plan.safetyOfMemory());
    } catch (RuntimeException | StackOverflowError e) {
      LOG.error("{} of thread {} is refused: deciding it failed", call.name(), call.tid(), e);
      slot.decide(decision, REFUSE, plan.safetyOfMemory());
    }
  }

  private static boolean takesPlace(Verdict verdict) {
    return switch (verdict) {
      case Verdict.Continue _,
          Verdict.ContinueOnFloor _,
          Verdict.ContinueUnsafely _,
          Verdict.ContinueWatched _ ->
          true;
      default -> false;
    };
  }

  /// pivot_root(2) gives everybody in the mount namespace another root, and so us, who would find
  /// the paths of others there. What root its caller has could change while we look.
  private static boolean movesOurRoot(Call call, CallPlan plan) {
    return plan.change() == IdentityChange.ROOT
        && call.name().equals("pivot_root")
        && call.task().isInOurMountNamespace();
  }

  private static Decision guard(Decision instead) {
    return new Decision(
        PolicyCompiler.GUARD,
        instead.location(),
        new Action.Deny(Errno.EPERM.number()).keyword(),
        REFUSE,
        AuditMode.WHEN_NOTIFIED,
        instead.kernelAction());
  }

  /// Whether the call fails in another way before it can fail as `verdict` says.
  private static Verdict undecided(Call call, CallPlan plan, Verdict verdict) {
    try {
      return early(call, plan).orElse(verdict);
    } catch (Abort earlier) {
      if (earlier.errno() == 0) {
        throw earlier;
      }
      return Verdict.Fail.of(earlier.errno());
    }
  }

  /// The decision, or what its limit makes of it. A call that is decided again, on a worker, was
  /// counted before.
  private static Decision withinLimit(Slot slot, Decision decision) {
    if (decision.limit().isEmpty() || decision.equals(slot.counted)) {
      return decision;
    }
    Limited limit = decision.limit().get();
    if (limit.isExceeded(slot.receivedNanos)) {
      return limit.exceeded();
    }
    slot.counted = decision;
    return decision;
  }

  /// A program may be a script: then others are executed for it, and each may be denied. The rule
  /// that allowed the script stands in the record, unless another denies an interpreter.
  private static void decideInterpreters(Slot slot, CallPlan plan) {
    Call call = slot.call;
    while (slot.verdict instanceof Verdict.ContinueWatched && call.executable().descend()) {
      Decision decision = withinLimit(slot, plan.decide(call));
      Verdict verdict = settle(call, plan, decision);
      if (!(verdict instanceof Verdict.ContinueWatched)) {
        slot.decide(decision, verdict, safety(call, plan, decision, verdict));
      }
    }
  }

  private static Verdict settle(Call call, CallPlan plan, Decision decision) {
    Verdict verdict = decision.verdict();
    if (verdict instanceof Verdict.Emulate(Emulation emulation)) {
      call.memory().mayWait();
      Optional<Verdict> early = emulation.isOfFiles() ? early(call, plan) : Optional.empty();
      verdict = early.isPresent() ? early.get() : emulation.perform(call);
    }
    if (isPerformed(call, plan, decision, verdict)) {
      call.memory().mayWait();
      verdict = plan.performer().get().perform(call);
    }
    return switch (verdict) {
      // to let it continue now would be the race all of this is there to avoid
      case Verdict.Continue _ when call.memory().isRead() || plan.alwaysPerformed() -> REFUSE;
      case Verdict.Emulate _ -> REFUSE;
      default -> verdict;
    };
  }

  private static Optional<Verdict> early(Call call, CallPlan plan) {
    return plan.performer().isPresent() ? plan.performer().get().early(call) : Optional.empty();
  }

  /// Whom somebody else traces we cannot watch; only then the race is accepted that a rule accepts.
  private static boolean isPerformed(Call call, CallPlan plan, Decision decision, Verdict verdict) {
    return switch (verdict) {
      case Verdict.Continue _ ->
          (call.memory().isRead() || decision.audit() == AuditMode.EXACT || plan.alwaysPerformed())
              && plan.performer().isPresent();
      case Verdict.ContinueUnsafely _ ->
          call.memory().isRead() && plan.safetyOfMemory() == SafetyClass.VERIFIED;
      default -> false;
    };
  }

  private static SafetyClass safety(Call call, CallPlan plan, Decision decision, Verdict verdict) {
    return switch (verdict) {
      case Verdict.ContinueUnsafely _ -> SafetyClass.RACY;
      case Verdict.ContinueOnFloor _ -> SafetyClass.FLOORED;
      default ->
          call.memory().isRead() || plan.alwaysPerforms(decision)
              ? plan.safetyOfMemory()
              : SafetyClass.REGISTERS;
    };
  }
}
