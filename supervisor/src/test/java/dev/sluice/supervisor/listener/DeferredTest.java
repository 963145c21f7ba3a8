package dev.sluice.supervisor.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.policy.AuditMode;
import dev.sluice.supervisor.policy.CallPlan;
import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.Emulation;
import dev.sluice.supervisor.policy.Location;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.policy.condition.Condition;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.CallKind;
import dev.sluice.supervisor.target.Calls;
import dev.sluice.supervisor.target.IdentityChange;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A call that takes as long as the test likes, unless it is cancelled.
class DeferredTest {
  private static final CallKind KIND = CallKind.named(Arch.host(), "mkdir").orElseThrow();

  private final Workers workers = new Workers();
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch end = new CountDownLatch(1);
  private final CompletableFuture<String> cancelled = new CompletableFuture<>();
  private Slots slots;
  private Slot slot;

  private final class Waiting implements Emulation {
    @Override
    public String name() {
      return "waiting";
    }

    @Override
    public Verdict perform(Call call) {
      call.cancellation()
          .onCancel(
              () -> {
                cancelled.complete("cancelled");
                end.countDown();
              },
              false);
      begun.countDown();
      try {
        await(end);
      } finally {
        call.cancellation().off();
      }
      return Verdict.Return.of(0);
    }
  }

  @BeforeEach
  void takeSlot() {
    var journal = Journal.inMemory(Slots.CAPACITY);
    slots = new Slots(journal, Calls.nobody(), new SlotPool());
    slot = take();
  }

  private Slot take() {
    Slot taken = slots.take();
    taken.notif().set(1, 1 << 30, KIND.nr(), Arch.host().audit());
    taken.call.begin(-1, KIND, IdentityChange.NONE);
    return taken;
  }

  @AfterEach
  void close() {
    end.countDown();
    workers.close();
  }

  private Deferred begin(Deferred.Answer answer) throws InterruptedException {
    Deferred deferred = deferred(answer);
    assertThat(deferred.begin(slot, plan())).isTrue();
    begun.await();
    return deferred;
  }

  private Deferred deferred(Deferred.Answer answer) {
    return deferred(answer, CallQuota.none());
  }

  private Deferred deferred(Deferred.Answer answer, CallQuota quota) {
    var answers = new Answers(-1, true, false, Recorders.none());
    var watching = new ExecWatch(new NoCallMakers(), answers);
    return new Deferred(workers, slots, answer, answers, watching, quota);
  }

  private CallPlan plan() {
    return plan(new Waiting());
  }

  private static CallPlan plan(Emulation emulation) {
    var decision =
        new Decision(
            "rule",
            new Location("p.yaml", 1, 1),
            "emulate",
            new Verdict.Emulate(emulation),
            AuditMode.WHEN_NOTIFIED,
            Seccomp.RET_USER_NOTIF);
    var step = new CallPlan.Step(Condition.Constant.TRUE, decision);
    return new CallPlan(KIND, List.of(step), Optional.empty(), false, IdentityChange.NONE);
  }

  /// What went wrong within us cannot even be told of, as for want of memory.
  @Test
  void whatCannotBeLoggedIsRefusedAllTheSame() throws InterruptedException {
    var sent = new CompletableFuture<Verdict>();
    Deferred deferred = deferred((_, verdict, _) -> sent.complete(verdict));
    assertThat(deferred.begin(slot, plan(new Mistaken()))).isTrue();
    var idle = new CompletableFuture<Void>();
    deferred.whenIdle(() -> idle.complete(null));
    idle.join();
    assertThat(sent).isCompletedWithValue(Verdict.Fail.of(Errno.EPERM.number()));
  }

  private static final class Mistaken implements Emulation {
    @Override
    public String name() {
      return "mistaken";
    }

    @Override
    public Verdict perform(Call call) {
      throw new OutOfMemoryError() {
        @Override
        public String getMessage() {
          throw this;
        }
      };
    }
  }

  /// Who makes one call after the other has never more than one, whatever is left to do for the
  /// last, and whichever listener that came from.
  @Test
  void aCallThatIsAnsweredTakesNoRoom() throws InterruptedException {
    var quota = new CallQuota(1, OptionalInt.of(Errno.EAGAIN.number()));
    var answered = new Semaphore(0);
    var rest = new CountDownLatch(1);
    Deferred deferred =
        deferred(
            (_, _, _) -> {
              answered.release();
              await(rest);
              return true;
            },
            quota);
    Deferred another = deferred((_, _, _) -> true, quota);
    try {
      assertThat(deferred.begin(slot, plan())).isTrue();
      begun.await();
      assertThat(another.begin(take(), plan())).isFalse();
      end.countDown();
      answered.acquire();
      // nor do several whose threads wait for a CPU
      for (int i = 0; i < 8; i++) {
        assertThat(deferred.begin(take(), plan())).isTrue();
        answered.acquire();
      }
      assertThat(another.begin(take(), plan())).isTrue();
    } finally {
      rest.countDown();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void itsWorkerStopsAlsoWhereTheAnswerFails() throws InterruptedException {
    Deferred deferred =
        begin((_, _, _) -> {
          throw new IllegalStateException("a mistake");
        });
    deferred.refuseAll();
    assertThat(cancelled.join()).isEqualTo("cancelled");
  }

  /// Whoever refuses it waits for nobody.
  @Test
  void whatThereIsNoRoomToRecordIsAnsweredByItsWorkerAsItWasDecided() throws InterruptedException {
    var sent = new CompletableFuture<Verdict>();
    Deferred deferred = begin((_, verdict, mayWait) -> mayWait && sent.complete(verdict));
    deferred.refuseAll();
    assertThat(sent.join()).isEqualTo(Verdict.Fail.of(Errno.EPERM.number()));
  }

  /// What it is cancelled for then would be another call.
  @Test
  void aSlotThatNoWorkerTakesIsNotGivenBackWhileItIsLookedAt() throws InterruptedException {
    workers.close();
    Deferred deferred = deferred((_, _, _) -> true);
    Slot lookedAt = slot;
    Thread loop;
    synchronized (lookedAt) {
      loop = Thread.ofPlatform().start(() -> deferred.begin(lookedAt, plan()));
      while (loop.getState() != Thread.State.BLOCKED) {
        assertThat(loop.isAlive()).as("it waits").isTrue();
        Thread.onSpinWait();
      }
    }
    loop.join();
    assertThat(deferred.isIdle()).isTrue();
  }

  /// Its caller has its answer, and the next call may have the slot.
  @Test
  void aSlotThatNoWorkerTakesIsNotAnsweredTwice() throws InterruptedException {
    workers.close();
    var quota = new CallQuota(1, OptionalInt.of(Errno.EAGAIN.number()));
    var sent = new Semaphore(0);
    Deferred deferred =
        deferred(
            (_, _, _) -> {
              sent.release();
              return true;
            },
            quota);
    Slot answered = slot;
    var isOver = new CompletableFuture<Boolean>();
    synchronized (answered) {
      Thread loop =
          Thread.ofPlatform().start(() -> isOver.complete(deferred.begin(answered, plan())));
      while (loop.getState() != Thread.State.BLOCKED) {
        assertThat(loop.isAlive()).as("it waits").isTrue();
        Thread.onSpinWait();
      }
      deferred.refuseAll();
    }
    assertThat(isOver.join()).as("nobody is to answer").isTrue();
    assertThat(sent.availablePermits()).isEqualTo(1);
    assertThat(quota.held()).isZero();
    assertThat(take()).isSameAs(answered);
  }

  /// Whoever closes what workers use waits for that.
  @Test
  void itIsNotIdleBeforeTheWorkerIs() throws InterruptedException {
    Deferred deferred = begin((_, _, _) -> true);
    var idle = new CompletableFuture<String>();
    deferred.whenIdle(() -> idle.complete(end.getCount() == 0 ? "afterwards" : "before"));
    assertThat(deferred.isIdle()).isFalse();
    end.countDown();
    assertThat(idle.join()).isEqualTo("afterwards");
    assertThat(deferred.isIdle()).isTrue();
  }
}
