package dev.sluice.supervisor.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.NotifiedThread;
import dev.sluice.supervisor.kernel.Processes;
import dev.sluice.supervisor.kernel.Ptrace;
import dev.sluice.supervisor.kernel.SeccompNotif;
import dev.sluice.supervisor.policy.CallPlan;
import dev.sluice.supervisor.policy.Policies;
import dev.sluice.supervisor.policy.SafetyClass;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Calls;
import dev.sluice.supervisor.target.Tracer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What becomes of an execve that nobody can trace.
class ExecWatchTest {
  private static final String POLICY =
      """
      sluice: v1
      name: test
      rules:
        - { on: "@exec", when: path.under("/nowhere"), deny: EACCES }
      """;

  private final CallPlan plan =
      Objects.requireNonNull(
          Policies.compile(POLICY)
              .table()
              .planOf(Arch.host(), Arch.host().number("execve").orElseThrow()));
  private final AtomicInteger finished = new AtomicInteger();
  private Slot slot;

  @BeforeEach
  void takeSlot() {
    var journal = Journal.inMemory(Slots.CAPACITY);
    slot = new Slots(journal, Calls.nobody(), new SlotPool()).take();
    slot.decide(null, Verdict.CONTINUE_WATCHED, SafetyClass.VERIFIED);
  }

  private void watch(Consumer<Consumer<Tracer>> trace) {
    var answers = new Answers(-1, true, false, Recorders.none());
    new ExecWatch(new Tracing(trace), answers).watch(slot, plan, finished::incrementAndGet);
  }

  @Test
  void withoutAThreadToTraceWithItFails() {
    watch(_ -> {
      throw new OutOfMemoryError("unable to create native thread");
    });
    assertThat(slot.verdict).isEqualTo(Verdict.Fail.of(Errno.EAGAIN.number()));
    assertThat(finished).hasValue(1);
    watch(_ -> {
      throw new RejectedExecutionException();
    });
    assertThat(finished).hasValue(2);
  }

  /// It was answered by then.
  @Test
  void itIsNotAnsweredTwice() {
    assertThatThrownBy(() ->
            watch(work -> {
              work.accept(new Gone());
              throw new OutOfMemoryError();
            }))
        .isInstanceOf(OutOfMemoryError.class);
    assertThat(finished).hasValue(1);
  }

  /// Else it would stay stopped, and its tracer with it.
  @Test
  void whoseProgramCannotBeDecidedOnIsKilledWhateverTheCause() throws Exception {
    Process executed = new ProcessBuilder("cat").start();
    try (var caller = NotifiedThread.notifying("getppid")) {
      var call = caller.call("getppid");
      SeccompNotif notif = caller.receive();
      slot.notif().set(notif.id(), notif.pid(), notif.nr(), notif.arch());
      slot.call.begin(caller.listener(), plan.kind(), plan.change());
      var answers = new Answers(caller.listener(), true, false, Recorders.none());
      var tracing = new Tracing(work -> work.accept(new Executed((int) executed.pid())));

      new ExecWatch(tracing, answers).watch(slot, plan, finished::incrementAndGet);

      assertThat(call.get()).as("its call went on").isPositive();
      assertThat(slot.verdict).isEqualTo(Verdict.KILL);
      assertThat(finished).hasValue(1);
      assertThat(executed.waitFor()).isEqualTo(128 + Processes.SIGKILL);
    } finally {
      executed.destroyForcibly();
    }
  }

  /// It waits for a CPU, or cannot be looked at for a while. Without an answer it would wait for
  /// ever, and its tracer for it.
  @Test
  void whoeverTakesLongToNoticeThatItIsInterruptedGoesOnAllTheSame() {
    try (var caller = NotifiedThread.notifying("getppid")) {
      var call = caller.call("getppid");
      SeccompNotif notif = caller.receive();
      slot = new Slots(Journal.inMemory(Slots.CAPACITY), Calls.threads(), new SlotPool()).take();
      slot.decide(null, Verdict.CONTINUE_WATCHED, SafetyClass.VERIFIED);
      slot.notif().set(notif.id(), notif.pid(), notif.nr(), notif.arch());
      slot.call.begin(caller.listener(), plan.kind(), plan.change());
      var answers = new Answers(caller.listener(), false, false, Recorders.none());
      var tracing = new Tracing(work -> work.accept(new Traced()));
      var looks = new AtomicInteger();

      // an interrupted thread looks without a pause
      Thread.currentThread().interrupt();
      new ExecWatch(tracing, answers, _ -> stateAt(looks.getAndIncrement()))
          .watch(slot, plan, finished::incrementAndGet);
      assertThat(Thread.interrupted()).isTrue();

      assertThat(call).as("its call").succeedsWithin(Duration.ofSeconds(20));
      assertThat(finished).hasValue(1);
    }
  }

  private static char stateAt(int look) {
    if (look == 0) {
      throw Abort.errno(Errno.EMFILE);
    }
    return look < 20_000 ? 'R' : 'D';
  }

  /// Has ended by the time it is waited for.
  private static final class Traced implements Tracer {
    @Override
    public int request(int request, int tid, long data) {
      return 0;
    }

    @Override
    public Stop await() {
      return new Stop(-Errno.ECHILD.number(), 0);
    }
  }

  /// Of nobody who is known: what is asked about its caller fails with an Error.
  private static final class Executed implements Tracer {
    private static final int STATUS = Ptrace.EVENT_EXEC << 16 | 5 << 8 | 0x7f;

    private final int pid;
    private boolean isOver;

    Executed(int pid) {
      this.pid = pid;
    }

    @Override
    public int request(int request, int tid, long data) {
      return 0;
    }

    @Override
    public Stop await() {
      var stop = new Stop(pid, isOver ? 0 : STATUS);
      isOver = true;
      return stop;
    }
  }

  private static final class Gone implements Tracer {
    @Override
    public int request(int request, int tid, long data) {
      return -Errno.ESRCH.number();
    }

    @Override
    public Stop await() {
      return new Stop(-Errno.ESRCH.number(), 0);
    }
  }

  private static final class Tracing extends NoCallMakers {
    private final Consumer<Consumer<Tracer>> trace;

    Tracing(Consumer<Consumer<Tracer>> trace) {
      this.trace = trace;
    }

    @Override
    public void trace(Call call, Consumer<Tracer> work) {
      trace.accept(work);
    }
  }
}
