package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Ptrace;
import dev.sluice.supervisor.policy.CallPlan;
import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.SafetyClass;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Task;
import dev.sluice.supervisor.target.Tracer;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToIntFunction;
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

  private static final long LOOK_NANOS = TimeUnit.MICROSECONDS.toNanos(50);
  private static final long MAX_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final CallMakers makers;
  private final Answers answers;
  private final ToIntFunction<Task> states;

  /// Whether it has been seen that to interrupt a caller ends its call.
  private volatile boolean isInterruptible;

  ExecWatch(CallMakers makers, Answers answers) {
    this(makers, answers, Task::state);
  }

  /// @param states tells what a caller is in, as [Task#state] does
  ExecWatch(CallMakers makers, Answers answers, ToIntFunction<Task> states) {
    this.makers = makers;
    this.answers = answers;
    this.states = states;
  }

  /// Lets the call of `slot` go on, and waits until the kernel has executed it. What remains to be
  /// done is then the verdict of `slot`, for `finish` to answer.
  void watch(Slot slot, CallPlan plan, Runnable finish) {
    if (isInterruptible) {
      giveUp(slot, "its filter was installed without SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV");
      finish.run();
      return;
    }
    var begun = new AtomicBoolean();
    try {
      makers.trace(
          slot.call,
          tracer -> {
            begun.set(true);
            try {
              watch(slot, plan, tracer);
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

  /// Whether the call of one who has been interrupted waits as before. Whoever installed the filter
  /// may not have said with which flags; where it is not so, the kernel has the caller make its
  /// call again, which we refuse then. It is one or the other as soon as the caller has noticed: to
  /// take a call for over that waits would leave it without an answer, and us waiting for it.
  private boolean isStillWaiting(Call call) {
    if (answers.isWaitKillable()) {
      return true;
    }
    long nanos = LOOK_NANOS;
    while (call.isValid()) {
      if (isUninterruptible(call)) {
        return call.isValid();
      }
      LockSupport.parkNanos(nanos);
      nanos = Math.min(2 * nanos, MAX_LOOK_NANOS);
    }
    return false;
  }

  /// D if the filter was installed with WAIT_KILLABLE_RECV, and the call waits on. Before a caller
  /// is interrupted, and until it has had a CPU to notice, all are alike (S or R on 6.18).
  private boolean isUninterruptible(Call call) {
    try {
      return states.applyAsInt(call.task()) == 'D';
    } catch (Abort unseen) {
      return false; // it is gone, or there will be another look
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
      String why = "ptrace: " + Errno.nameOf(-seized);
      giveUp(slot, seized == -Errno.EPERM.number() ? why + " (does another trace it?)" : why);
      return;
    }
    boolean valid = call.isValid();
    tracer.request(Ptrace.INTERRUPT, call.tid(), 0);
    boolean waits = valid && isStillWaiting(call);
    if (waits) {
      answers.send(slot, Verdict.CONTINUE);
    }
    Tracer.Stop stop = tracer.await();
    if (valid && !waits && stop.isStopped()) {
      isInterruptible = true;
    }
    if (waits && stop.isStopped()) {
      slot.stopped = new Stopped(tracer, stop);
      if (stop.isExec()) {
        look(slot, plan, stop.pid());
      }
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
    } catch (RuntimeException | Error e) { // or it would stay stopped, as for want of memory
      LOG.error("process {} is killed: deciding on what it has executed failed", pid, e);
    }
    slot.decide(decision, Verdict.KILL, SafetyClass.VERIFIED);
  }

  /// Refuses a call that cannot be watched, unless its rule accepts the race.
  private static void giveUp(Slot slot, String why) {
    if (!slot.call.isValid()) {
      return; // there is nobody left to answer
    }
    Decision decision = slot.decision;
    if (decision != null && decision.verdict() instanceof Verdict.ContinueUnsafely) {
      slot.decide(decision, Verdict.CONTINUE_UNSAFELY, SafetyClass.RACY);
      return;
    }
    LOG.warn(
        "{} of thread {} is refused: it cannot be watched: {}",
        slot.call.name(),
        slot.call.tid(),
        why);
    slot.decide(decision, Verdict.Fail.of(Errno.EPERM.number()), slot.safety);
  }
}
