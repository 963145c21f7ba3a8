package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.policy.CallPlan;
import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.SafetyClass;
import dev.sluice.supervisor.target.TaskTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One notify fd, or a relay that passes its calls on, and the tasks behind it. Runs on its event
/// loop.
public final class Listener {
  private static final Logger LOG = LoggerFactory.getLogger(Listener.class);
  private static final long CLOSE_MILLIS = 50;
  private static final int MAX_CLOSE_ATTEMPTS = 20;

  /// Of a listener whose calls a relay receives.
  private static final int NO_FD = -1;

  private final int fd;
  private final @Nullable Relay relay;
  private final @Nullable SharedReceive shared;
  private final EventLoop loop;
  private final TaskTable tasks;
  private final Slots slots;
  private final Decider decider;
  private final CallQuota quota;
  private final Runnable resume;

  /// What somebody before us received; nothing any more once we have started.
  private List<OpenCall> open = List.of();

  private final CompletableFuture<Void> ended = new CompletableFuture<>();

  /// Filled before [#start] returns.
  private final Map<Recovered, Integer> recovered = new EnumMap<>(Recovered.class);

  private EventLoop.@Nullable Watched watched;

  /// How many calls wait for room for their records; on the loop.
  private int waiting;

  private int closeAttempts;

  /// @param fd a notify fd, which is now ours
  /// @param waitKillable whether its filter was installed with WAIT_KILLABLE_RECV
  /// @param shared whether its giver may have kept a copy, and is not trusted not to use it
  /// @param told whether its filter notifies all that changes who its callers are: else each is
  ///   looked at anew with each call
  /// @param quota that of the container it belongs to
  /// @param journal a file for the calls that wait, if it and the fd are kept should we end: it may
  ///   be that of somebody before us, whose calls are taken up then
  public Listener(
      int fd,
      boolean waitKillable,
      boolean shared,
      boolean told,
      CompiledPolicy policy,
      EventLoop loop,
      Workers workers,
      CallMakers makers,
      Recorder recorder,
      CallQuota quota,
      Optional<Path> journal)
      throws IOException {
    this(
        fd,
        null,
        shared ? new SharedReceive(workers, loop.tid(), Seccomp::receive) : null,
        new Answers(fd, waitKillable, journal.isPresent(), recorder),
        told,
        policy,
        loop,
        workers,
        makers,
        quota,
        journal);
  }

  /// One whose calls are passed on by `relay`, which is now ours. None of them outlives us.
  public Listener(
      Relay relay,
      CompiledPolicy policy,
      EventLoop loop,
      Workers workers,
      CallMakers makers,
      Recorder recorder,
      CallQuota quota)
      throws IOException {
    this(
        NO_FD,
        relay,
        null,
        new Answers(NO_FD, false, false, recorder),
        false, // LXC cannot start a container whose filter notifies execve(2) and setgroups(2)
        policy,
        loop,
        workers,
        makers,
        quota,
        Optional.empty());
  }

  private Listener(
      int fd,
      @Nullable Relay relay,
      @Nullable SharedReceive shared,
      Answers answers,
      boolean told,
      CompiledPolicy policy,
      EventLoop loop,
      Workers workers,
      CallMakers makers,
      CallQuota quota,
      Optional<Path> journal)
      throws IOException {
    this.fd = fd;
    this.relay = relay;
    this.shared = shared;
    this.loop = loop;
    this.tasks = told ? new TaskTable(loop.tasks()) : TaskTable.keepingNothing();
    this.slots =
        new Slots(
            journal.isPresent() ? takeOver(journal.get()) : Journal.inMemory(Slots.CAPACITY),
            new ListenerCallers(tasks, makers),
            loop.slots());
    this.decider = new Decider(policy, loop, workers, makers, tasks, answers, slots, quota);
    this.quota = quota;
    this.resume = () -> loop.execute(this::resume);
    quota.whenThereIsRoom(resume);
    decider.deferred().whenAnswered(() -> loop.execute(this::foundRoom));
  }

  private Journal takeOver(Path journal) throws IOException {
    if (Files.exists(journal)) {
      open = OpenCall.read(journal);
    }
    return Journal.replace(journal, Math.max(Slots.CAPACITY, open.size() + 1), open);
  }

  /// Begins to answer. Not to be called on the loop.
  public void start() {
    if (relay == null) {
      // an older kernel says EINVAL and works all the same, only slower
      Seccomp.setSyncWakeUp(fd);
    }
    CompletableFuture.runAsync(this::begin, loop::execute).join();
  }

  /// On the loop, so that it knows what is watched before anything is ready.
  private void begin() {
    open.forEach(this::takeUp);
    open = List.of();
    watched =
        relay == null
            ? loop.watch(fd, this::ready)
            : loop.watch(relay.descriptor(), (_, _) -> receive(relay));
  }

  /// Completes when no task is left behind the fd, which is closed by then.
  public CompletableFuture<Void> ended() {
    return ended;
  }

  /// Decides by another policy from the next call on. Those that wait are decided by the one they
  /// were received under. Returns when that is so; not to be called on the loop.
  public void replace(CompiledPolicy next) {
    loop.await(() -> decider.replace(next));
  }

  /// Decides every call by `decision` from here on, or by the policy again if it is null. Those
  /// that wait are refused then. Not to be called on the loop.
  public void impose(@Nullable Decision decision) {
    loop.await(() -> {
      decider.impose(decision);
      resume();
    });
    if (decision != null) {
      decider.deferred().refuseAll();
    }
  }

  /// The calls that workers have now.
  public List<PendingCall> pending() {
    return decider.deferred().pending();
  }

  /// How many calls it took up that somebody before us had received; after [#start].
  public Map<Recovered, Integer> recovered() {
    return Map.copyOf(recovered);
  }

  /// Waits until every call that has been answered is recorded. A target goes on as soon as it has
  /// its answer, and may have ended before the record is made. Not to be called on the loop.
  ///
  /// @param nanos the longest to wait for records that find no room
  public void awaitRecords(long nanos) {
    if (!ended.isDone()) {
      loop.await(() -> {});
      decider.deferred().awaitRecords(nanos);
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
    if (decider.deferred().isIdle() || ++closeAttempts == MAX_CLOSE_ATTEMPTS) {
      close();
      // what a worker changes is noted in the journal, by the number of its descriptor
      decider
          .deferred()
          .whenIdle(() -> {
            slots.close();
            loop.collectSlots();
          });
      ended.complete(null);
    } else {
      loop.schedule(this::end, CLOSE_MILLIS);
    }
  }

  /// What could not be started does not stay; its descriptor is its giver's.
  public void abandon() {
    quota.forget(resume);
    slots.close();
    ended.complete(null);
  }

  private void close() {
    if (relay == null) {
      dev.sluice.supervisor.kernel.Files.close(fd);
    } else {
      relay.close();
    }
  }

  private void resume() {
    // else a call that waits for room for its record is to be the next that goes on, and has the
    // last slot, maybe: we are told when it has gone
    if (watched != null && waiting == 0 && slots.hasRoom()) {
      watched.resume();
    }
  }

  private void foundRoom() {
    waiting--;
    resume();
  }

  private void ready(boolean readable, boolean hungUp) {
    if (readable && quota.isClosed() && !decider.isImposed()) {
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

  /// A call waits for room for its record, and with it all that come after: but for those that a
  /// relay has received already.
  private void waitForRoom() {
    waiting++;
    if (watched != null && relay == null) {
      watched.pause();
    }
  }

  private void receive() {
    if (!hasRoom()) {
      return;
    }
    Slot slot = slots.take();
    int received =
        shared == null ? Seccomp.receive(fd, slot.notif()) : shared.receive(fd, slot.notif());
    if (received < 0) {
      slots.give(slot);
      if (received == -Errno.EINTR.number() && shared != null) {
        LOG.error("somebody else receives calls of a listener that was given to us: it is closed");
        end();
        return;
      }
      // the caller died or was interrupted before we came, or we were: there will be another event
      if (received != -Errno.ENOENT.number() && received != -Errno.EINTR.number()) {
        LOG.error("SECCOMP_IOCTL_NOTIF_RECV: {}: the listener is closed", Errno.nameOf(-received));
        end();
      }
      return;
    }
    answer(slot, fd, null);
  }

  /// Whether there is a slot: always, as every call leaves one for the next. Should a mistake of
  /// ours have lost them, this ends rather than find the same call waiting again and again.
  private boolean hasRoom() {
    boolean hasRoom = slots.hasRoom();
    if (!hasRoom) {
      LOG.error("every slot is taken: the listener is closed");
      end();
    }
    return hasRoom;
  }

  /// A relay is not kept waiting where there is no room, as it would answer by itself one day.
  private void receive(Relay from) {
    if (!from.receive(this::receive)) {
      end();
    }
  }

  private void receive(RelayedCall call) {
    if (!hasRoom()) {
      call.giveUp();
      call.close();
      return;
    }
    Slot slot = slots.take();
    slot.relayed = call;
    call.copyTo(slot.notif());
    answer(slot, call.listener(), null);
  }

  /// Decides a call and answers it. Whatever fails, it has an answer afterwards, and its slot is
  /// free, unless a worker has both to see to.
  ///
  /// @param from the notify fd it came from
  /// @param before the same call, if somebody before us received it
  private void answer(Slot slot, int from, @Nullable OpenCall before) {
    boolean isOver = true;
    try {
      CallPlan plan = decider.begin(slot, from);
      if (plan != null) {
        isOver = before == null ? decider.decide(slot, plan) : goOn(slot, plan, before);
      }
    } catch (RuntimeException | Error e) {
      decider.refuse(slot, e);
    } finally {
      if (slot.waitsForRoom) {
        waitForRoom();
      } else if (isOver) {
        slots.give(slot);
      }
    }
  }

  /// Goes on with a call that somebody before us received, in the slot it is in.
  private void takeUp(OpenCall before) {
    Slot slot = slots.takeNext();
    if (Seccomp.idValid(fd, slot.notif()) < 0) {
      slots.give(slot); // it was answered, or its caller is gone
      return;
    }
    answer(slot, fd, before);
  }

  /// Returns whether it is over; else a worker has its slot.
  private boolean goOn(Slot slot, CallPlan plan, OpenCall before) {
    Recovery recovery = Recovery.of(before);
    recovered.merge(recovery.outcome(), 1, Integer::sum);
    if (recovery.answer().isPresent()) {
      slot.decide(null, recovery.answer().get(), SafetyClass.EMULATED);
      decider.answer(slot, slot.verdict);
      return true;
    }
    recovery.unfinished().ifPresent(slot.call::resume);
    return decider.decide(slot, plan);
  }
}
