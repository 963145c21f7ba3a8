package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.SeccompAnswer;
import dev.sluice.supervisor.kernel.SeccompNotif;
import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.Edition;
import dev.sluice.supervisor.policy.SafetyClass;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Call;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// A call on its way through the supervisor: where it was received, and what was decided; used
/// again for another.
final class Slot {
  private Slots owner;
  private Slots.Place place;
  final Call call;

  /// For whoever answers.
  final SeccompAnswer answer = new SeccompAnswer();

  /// Set by whoever answers: the worker, or its deadline.
  final AtomicBoolean answered = new AtomicBoolean();

  /// Whether the call is over for its caller while a worker still has it; set by whoever answers.
  boolean isOver;

  /// What decides it.
  Edition edition = Edition.NONE;

  /// The rule that decided; null if the call failed before any could.
  @Nullable Decision decision;

  /// The decision whose limit has counted the call.
  @Nullable Decision counted;

  Verdict verdict = Verdict.CONTINUE;
  SafetyClass safety = SafetyClass.REGISTERS;
  long receivedNanos;

  /// What was decided for a call whose worker still has it, and is not answered for want of room
  /// for its record. Under its monitor.
  @Nullable Verdict early;

  /// The number of the descriptor that the target has been given, before its call is answered.
  int given = Answers.NOT_GIVEN;

  /// Whether it is decided, and answered by a worker once there is room for its record; on the
  /// event loop.
  boolean waitsForRoom;

  /// The caller, once the kernel has executed a call that is watched; null before, and if it is
  /// gone.
  @Nullable Stopped stopped;

  /// Who passed the call on, if anybody did.
  @Nullable RelayedCall relayed;

  Slot(Slots owner, Slots.Place place, Call call) {
    this.owner = owner;
    this.place = place;
    this.call = call;
  }

  /// Takes a call of another listener, or of another place.
  void place(Slots of, Slots.Place at) {
    owner = of;
    place = at;
  }

  /// The listener's.
  Slots owner() {
    return owner;
  }

  Slots.Place place() {
    return place;
  }

  /// In the journal.
  int index() {
    return place.index();
  }

  SeccompNotif notif() {
    return place.notif();
  }

  /// What the call fails with because its time is up, or 0. A relay waits no longer than it likes,
  /// whatever the call waits for.
  int errnoIfLate(long nowNanos) {
    RelayedCall from = relayed;
    return from != null && nowNanos - receivedNanos > from.patienceNanos()
        ? Errno.EIO.number()
        : call.cancellation().errnoIfLate(nowNanos);
  }

  /// Nobody waits for an answer, or there is none: nor is a relay to wait.
  void giveUp() {
    if (relayed != null) {
      relayed.giveUp();
    }
  }

  /// The call is over.
  void endRelayed() {
    if (relayed != null) {
      relayed.giveUp();
      relayed.close();
      relayed = null;
    }
  }

  void decide(@Nullable Decision by, Verdict what, SafetyClass how) {
    decision = by;
    verdict = what;
    safety = how;
  }
}
