package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.Processes;
import dev.sluice.supervisor.kernel.SeccompAnswer;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Task;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends verdicts to the kernel, and leaves records of them. Any thread whose signals are blocked
/// may.
final class Answers {
  private static final Logger LOG = LoggerFactory.getLogger(Answers.class);
  private static final int ENOENT = -Errno.ENOENT.number();
  private static final int EINPROGRESS = -Errno.EINPROGRESS.number();
  static final int NOT_GIVEN = Integer.MIN_VALUE;

  private final int listener;
  private final boolean waitKillable;
  private final boolean kept;
  private final Recorder recorder;

  /// @param waitKillable whether the filter was installed with WAIT_KILLABLE_RECV
  /// @param kept whether its calls outlive us
  Answers(int listener, boolean waitKillable, boolean kept, Recorder recorder) {
    this.listener = listener;
    this.waitKillable = waitKillable;
    this.kept = kept;
    this.recorder = recorder;
  }

  /// Sends a verdict and leaves a record. Returns false if there is no room for that yet, and the
  /// call is to wait: then it is to be answered again, by somebody who may.
  ///
  /// @param task the caller, as far as it is known
  boolean answer(Slot slot, Verdict verdict, @Nullable Task task, boolean mayWait) {
    int given = verdict instanceof Verdict.InjectFd injected ? give(slot, injected) : NOT_GIVEN;
    long place = recorder.claim(slot.edition, slot.call, slot.decision, mayWait);
    if (place == Recorder.FULL) {
      return false;
    }
    int result = -Errno.EIO.number();
    try {
      result = given == NOT_GIVEN ? send(slot, verdict) : sendGiven(slot, given);
    } finally {
      recorder.record(
          place,
          slot.edition,
          slot.call,
          task,
          slot.decision,
          verdict,
          slot.safety,
          result,
          slot.receivedNanos);
    }
    if (given == NOT_GIVEN) {
      discard(verdict);
    }
    return true;
  }

  boolean isWaitKillable() {
    return waitKillable;
  }

  /// Returns what the kernel said, or whoever passed the call on: 0, the number of the injected
  /// descriptor in the target, or -errno. -ENOENT means that the caller is gone.
  int send(Slot slot, Verdict verdict) {
    if (slot.relayed != null) {
      return RelayedAnswers.send(slot, slot.relayed, verdict);
    }
    Call call = slot.call;
    SeccompAnswer answer = slot.answer;
    return switch (verdict) {
      case Verdict.Continue _, Verdict.ContinueUnsafely _, Verdict.ContinueOnFloor _ ->
          answer.sendContinue(listener, call.id());
      case Verdict.ContinueWatched _ -> slot.stopped == null ? ENOENT : slot.stopped.release();
      case Verdict.Return(long value) -> answer.sendValue(listener, call.id(), value);
      case Verdict.Fail(int errno) -> answer.sendErrno(listener, call.id(), errno);
      case Verdict.InjectFd(int fd, boolean closeOnExec, boolean _) ->
          failIfRefused(slot, answer.sendFd(listener, call.id(), fd, closeOnExec));
      case Verdict.Kill _ -> slot.stopped == null ? kill(call, answer) : slot.stopped.kill();
      case Verdict.Emulate _ -> throw new IllegalStateException("not settled: " + verdict);
    };
  }

  /// Lets go of what a verdict holds: it is sent, or came too late to be.
  static void discard(Verdict verdict) {
    if (verdict instanceof Verdict.InjectFd(int fd, boolean _, boolean _)) {
      Files.close(fd);
    }
  }

  /// Once, however often it is tried to answer.
  private int give(Slot slot, Verdict.InjectFd verdict) {
    if (slot.given == NOT_GIVEN) {
      slot.given = giveBefore(slot, verdict);
    }
    return slot.given;
  }

  /// The first of two steps, if the descriptor is to be given in two: the target has it, and ours
  /// is closed, which may take its time. Returns its number there, -errno, or [#NOT_GIVEN].
  private int giveBefore(Slot slot, Verdict.InjectFd verdict) {
    if (slot.relayed == null && isInOneStep(slot.call, verdict)) {
      return NOT_GIVEN;
    }
    int fd = verdict.fd();
    Call call = slot.call;
    int given = slot.answer.addFd(call.listener(), call.id(), fd, verdict.closeOnExec());
    Files.close(fd);
    return given;
  }

  private int sendGiven(Slot slot, int given) {
    if (slot.relayed != null) {
      return RelayedAnswers.sendGiven(slot, slot.relayed, given);
    }
    if (given < 0) {
      return failIfRefused(slot, given);
    }
    int sent = slot.answer.sendValue(listener, slot.call.id(), given);
    return sent < 0 ? sent : given;
  }

  /// If the target cannot take a descriptor (EMFILE), that is what its call fails with.
  private int failIfRefused(Slot slot, int given) {
    if (given < 0 && given != ENOENT && given != EINPROGRESS) {
      slot.answer.sendErrno(listener, slot.call.id(), -given);
    }
    return given;
  }

  /// In two steps, our copy is closed before the target goes on. Where it could write, it would
  /// otherwise find a program it has just written busy (ETXTBSY); and a worker may have opened a
  /// FIFO, which would seem open to the other end. In one step it is faster, and the only way where
  /// a signal can interrupt the target between the two: it would have a descriptor it never heard
  /// of, and make the call again. But should we be killed in it, on 6.18 the call returns 0 without
  /// a descriptor: so not where the call is to outlive us.
  private boolean isInOneStep(Call call, Verdict.InjectFd verdict) {
    return !kept && (!waitKillable || (verdict.readOnly() && !call.mayBlock()));
  }

  private int kill(Call call, SeccompAnswer answer) {
    killCaller(call);
    return answer.sendErrno(listener, call.id(), Errno.EPERM.number());
  }

  /// The caller still waits for us, so its thread id is its own. If it cannot be found, and waits
  /// nevertheless, its call is refused and no more.
  static void killCaller(Call call) {
    int pidfd = pidfdOf(call);
    if (pidfd >= 0) {
      if (call.isValid()) {
        Processes.pidfdSendSignal(pidfd, Processes.SIGKILL);
      }
      Files.close(pidfd);
    } else if (call.isValid()) {
      LOG.error("thread {} is not killed: {}", call.tid(), Errno.nameOf(-pidfd));
    }
  }

  /// Returns -errno if there is none.
  private static int pidfdOf(Call call) {
    try {
      return Processes.pidfdOpen(call.task().tgid());
    } catch (Abort unknown) {
      return unknown.errno() == 0 ? -Errno.ESRCH.number() : -unknown.errno();
    }
  }
}
