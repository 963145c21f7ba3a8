package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Ptrace;
import dev.sluice.supervisor.policy.CallPlan;
import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.SafetyClass;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Tracer;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Has the kernel execute programs, and looks at what it has executed.
///
/// The caller is traced while it does, and no longer. That it stops on its way back whatever comes
/// of its call is arranged before the call goes on (PTRACE_INTERRUPT): with a program that it has
/// executed, before the first instruction of that; if it could not, before it notices. A signal
/// reaches it only afterwards. Should we end meanwhile, it is killed.
final class ExecWatch {
  private static final Logger LOG = LoggerFactory.getLogger(ExecWatch.class);
  private static final int OPTIONS = Ptrace.O_TRACEEXEC | Ptrace.O_EXITKILL;

  private final CallMakers makers;
  private final Answers answers;

  ExecWatch(CallMakers makers, Answers answers) {
    this.makers = makers;
    this.answers = answers;
  }

  /// Lets the call of `slot` go on, and waits until the kernel has executed it. What remains to be
  /// done is then the verdict of `slot`, for `finish` to answer.
  void watch(Slot slot, CallPlan plan, Runnable finish) {
    if (!answers.isWaitKillable()) { // to interrupt a caller would end the call
      giveUp(slot, -Errno.EINVAL.number());
      finish.run();
      return;
    }
    var begun = new AtomicBoolean();
    try {
      makers.trace(
          slot.call,
          tracer -> {
            begun.set(true);
            watch(slot, plan, tracer);
            try {
              finish.run();
            } finally {
              end(slot);
            }
          });
    } catch (Abort noTracer) {
      slot.decide(slot.decision, Verdict.Fail.of(noTracer.errno()), slot.safety);
      finish.run();
    } catch (RejectedExecutionException | OutOfMemoryError e) {
      if (begun.get()) {
        throw e;
      }
      // there is no thread to trace with, as in Workers#execute
      slot.decide(slot.decision, Verdict.Fail.of(Errno.EAGAIN.number()), slot.safety);
      finish.run();
    }
  }

  private static void end(Slot slot) {
    Stopped stopped = slot.stopped;
    if (stopped != null) {
      stopped.end();
    }
  }

  private void watch(Slot slot, CallPlan plan, Tracer tracer) {
    Call call = slot.call;
    if (!call.isValid()) {
      return; // it is gone, and its thread id may be another's
    }
    int seized = tracer.request(Ptrace.SEIZE, call.tid(), OPTIONS);
    if (seized < 0) {
      giveUp(slot, seized);
      return;
    }
    boolean valid = call.isValid();
    tracer.request(Ptrace.INTERRUPT, call.tid(), 0);
    if (valid) {
      answers.send(slot, Verdict.CONTINUE);
    }
    Tracer.Stop stop = tracer.await();
    if (valid && stop.isExec()) {
      look(slot, plan, stop.pid());
    }
    if (valid && stop.isStopped()) {
      slot.stopped = new Stopped(tracer, stop);
    } else if (stop.isStopped() && !tracer.release(stop)) {
      tracer.awaitEnd();
    }
  }

  /// Decides on what process `pid` has executed, unless that is what was decided on. It can be
  /// something else because a path or the script it led to has changed since, or because the kernel
  /// knows an interpreter that no first line names (binfmt_misc).
  private static void look(Slot slot, CallPlan plan, int pid) {
    Call call = slot.call;
    Decision decision = slot.decision;
    try {
      if (call.executable().confirm(pid)) {
        return;
      }
      decision = plan.decide(call);
      switch (decision.verdict()) {
        case Verdict.Continue _, Verdict.ContinueUnsafely _ -> {
          return;
        }
        default -> {}
      }
    } catch (Abort unseen) {
      LOG.warn("what process {} has executed cannot be seen: {}", pid, unseen.getMessage());
    } catch (RuntimeException | StackOverflowError e) {
      LOG.error("process {} is killed: deciding on what it has executed failed", pid, e);
    }
    slot.decide(decision, Verdict.KILL, SafetyClass.VERIFIED);
  }

  /// Refuses a call that cannot be watched, unless its rule accepts the race.
  private static void giveUp(Slot slot, int error) {
    if (!slot.call.isValid()) {
      return; // there is nobody left to answer
    }
    Decision decision = slot.decision;
    if (decision != null && decision.verdict() instanceof Verdict.ContinueUnsafely) {
      slot.decide(decision, Verdict.CONTINUE_UNSAFELY, SafetyClass.RACY);
      return;
    }
    LOG.warn(
        "{} of thread {} is refused: it cannot be watched: ptrace: {}{}",
        slot.call.name(),
        slot.call.tid(),
        Errno.nameOf(-error),
        error == -Errno.EPERM.number() ? " (does another trace it?)" : "");
    slot.decide(decision, Verdict.Fail.of(Errno.EPERM.number()), slot.safety);
  }
}
