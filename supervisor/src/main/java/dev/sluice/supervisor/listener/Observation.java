package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.CallDetails;
import dev.sluice.supervisor.target.Task;
import dev.sluice.supervisor.target.TaskTable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Looks up what a record needs while the caller waits. A call that continues is recorded with the
/// path it was given, copied now: its memory is the caller's again afterwards. That may be memory
/// which never comes, so on the event loop only that of callers who are what we are.
final class Observation {
  /// To copy what is there takes microseconds. If it took as long as this, it had to be fetched.
  private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private static final long PENANCE_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int PENANCE = 10;

  private boolean slow;
  private long slowUntil;

  /// On the event loop. Who kept it waiting is observed on workers for a while. Throws [Abort#GONE]
  /// and [Abort#WOULD_BLOCK].
  void onLoop(Slot slot, TaskTable tasks) {
    if (!isWanted(slot)) {
      return;
    }
    if (!copies(slot)) {
      complete(slot, tasks);
      return;
    }
    if (slow && slot.receivedNanos - slowUntil < 0) {
      throw Abort.WOULD_BLOCK;
    }
    long before = System.nanoTime();
    complete(slot, tasks);
    long after = System.nanoTime();
    slow = after - before > SLOW_NANOS;
    slowUntil = after + Math.max(PENANCE_NANOS, PENANCE * (after - before));
  }

  /// On a worker.
  static void onWorker(Slot slot) {
    if (isWanted(slot)) {
      complete(slot, null);
    }
  }

  private static boolean isWanted(Slot slot) {
    return slot.decision != null && slot.decision.audit().demandsRecord();
  }

  private static boolean copies(Slot slot) {
    return slot.verdict instanceof Verdict.Continue;
  }

  /// @param tasks where the caller may be known from; null on a worker
  private static void complete(Slot slot, @Nullable TaskTable tasks) {
    Call call = slot.call;
    try {
      Task known = tasks == null ? null : tasks.peek(call.tid(), slot.receivedNanos);
      Task caller = known == null ? call.task() : known;
      if (caller.isOurs()) {
        call.memory().trust();
      } else if (copies(slot) && !call.mayBlock() && CallDetails.lieInMemory(call)) {
        throw Abort.WOULD_BLOCK; // before anything is read: it is decided again
      }
      var _ = caller.exe(); // looked for once
      if (copies(slot)) {
        for (int i = 0; i < call.pathCount(); i++) {
          call.copiedPath(i);
        }
        CallDetails.complete(call);
      }
    } catch (Abort abort) {
      if (abort.errno() == 0) {
        throw abort;
      }
      // the record says less, and the kernel will say so too
    }
  }
}
