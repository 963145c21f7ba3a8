package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.policy.AuditMode;
import dev.sluice.supervisor.policy.CallPlan;
import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.Emulation;
import dev.sluice.supervisor.policy.SafetyClass;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
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
    Call call = slot.call;
    Decision decision = null;
    try {
      decision = plan.decide(call);
      slot.decision = decision; // for the record, should the time run out before it is settled
      Verdict verdict = settle(call, plan, decision);
      slot.decide(decision, verdict, safety(call, verdict));
    } catch (Abort abort) {
      if (abort.errno() == 0) {
        throw abort;
      }
      slot.decide(decision, Verdict.Fail.of(abort.errno()), SafetyClass.EMULATED);
    } catch (RuntimeException | StackOverflowError e) {
      LOG.error("{} of thread {} is refused: deciding it failed", call.name(), call.tid(), e);
      slot.decide(decision, REFUSE, SafetyClass.EMULATED);
    }
  }

  private static Verdict settle(Call call, CallPlan plan, Decision decision) {
    Verdict verdict = decision.verdict();
    if (verdict instanceof Verdict.Emulate(Emulation emulation)) {
      verdict = emulation.perform(call);
    }
    if (verdict instanceof Verdict.Continue
        && (call.isMemoryRead() || decision.audit() == AuditMode.EXACT)
        && plan.performer().isPresent()) {
      verdict = plan.performer().get().perform(call);
    }
    return switch (verdict) {
      // to let it continue now would be the race all of this is there to avoid
      case Verdict.Continue _ when call.isMemoryRead() -> REFUSE;
      case Verdict.Emulate _ -> REFUSE;
      default -> verdict;
    };
  }

  private static SafetyClass safety(Call call, Verdict verdict) {
    return switch (verdict) {
      case Verdict.ContinueUnsafely _ -> SafetyClass.RACY;
      case Verdict.ContinueOnFloor _ -> SafetyClass.FLOORED;
      default -> call.isMemoryRead() ? SafetyClass.EMULATED : SafetyClass.REGISTERS;
    };
  }
}
