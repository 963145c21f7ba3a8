package dev.sluice.supervisor;

import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.Processes;
import dev.sluice.supervisor.listener.CallQuota;
import dev.sluice.supervisor.listener.Imposed;
import dev.sluice.supervisor.listener.Listener;
import dev.sluice.supervisor.listener.PendingCall;
import dev.sluice.supervisor.metrics.CallCounts;
import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.Container;
import dev.sluice.supervisor.policy.choice.Choice;
import dev.sluice.supervisor.policy.choice.PolicyFiles.Source;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// A listener that is being answered: that of a command or of a container, or of what was executed
/// in one later.
@SuppressWarnings("exports") // for the programs of Sluice itself
public final class Supervised {
  /// What decides its calls.
  public enum State {
    SUPERVISED,
    /// Every call is refused, as there is no policy for it.
    NO_POLICY,
    /// Every call is refused, as somebody wants that.
    QUARANTINED,
    /// Whoever still makes a call is killed.
    KILLED;

    /// Whether somebody wants that, whatever the policy says.
    public boolean isImposed() {
      return this == QUARANTINED || this == KILLED;
    }
  }

  private final Listener listener;
  private final CallQuota quota;
  private final CallCounts counts;
  private final Handed handed;
  private final Instant since = Instant.now();

  private final Object processLock = new Object();

  /// A pidfd, or negative: under that lock, as its number may come to mean another.
  private int process;

  /// The policy whose filter is behind it: the first that there was for it.
  private volatile CompiledPolicy installed;

  private volatile CompiledPolicy policy;
  private volatile Choice choice;
  private volatile boolean hasPolicy;
  private volatile State state = State.SUPERVISED;
  private Consumer<State> onState = _ -> {};

  /// What `policy` was compiled from; empty if there is none.
  private Optional<Source> source;

  private Consumer<Source> onPolicy = _ -> {};

  private final CompletableFuture<Void> ended = new CompletableFuture<>();

  Supervised(
      Listener listener,
      CallQuota quota,
      CallCounts counts,
      Handed handed,
      PolicySet.Chosen chosen) {
    this.listener = listener;
    this.quota = quota;
    this.counts = counts;
    this.handed = handed;
    this.choice = chosen.choice();
    this.hasPolicy = chosen.exists();
    this.installed = chosen.installed();
    this.policy = chosen.policy();
    this.source = chosen.source();
    this.process = open(handed);
    var _ = listener.ended().thenRun(this::close);
  }

  private static int open(Handed handed) {
    if (handed.process() >= 0) {
      return Files.duplicate(handed.process());
    }
    return handed.pid() > 0 ? Processes.pidfdOpen(handed.pid()) : -1;
  }

  private void close() {
    synchronized (processLock) {
      if (process >= 0) {
        Files.close(process);
      }
      process = -1;
    }
  }

  Listener listener() {
    return listener;
  }

  CompiledPolicy installed() {
    return installed;
  }

  CallQuota quota() {
    return quota;
  }

  boolean hasPolicy() {
    return hasPolicy;
  }

  Handed handed() {
    return handed;
  }

  /// Decides by another policy from the next call on.
  void replace(CompiledPolicy next, Choice by, Source from) {
    listener.replace(next);
    policy = next;
    choice = by;
    if (!hasPolicy) {
      // whoever wrote the filter had that in mind, and not what stood in its place
      installed = next;
    }
    hasPolicy = true;
    if (state == State.NO_POLICY) {
      enter(State.SUPERVISED);
    }
    decidedBy(from);
  }

  private synchronized void decidedBy(Source from) {
    source = Optional.of(from);
    onPolicy.accept(from);
  }

  /// Whether what decides was compiled from that.
  synchronized boolean isDecidedBy(Source other) {
    return source.equals(Optional.of(other));
  }

  /// Has `listening` told of every policy that decides from here on, and of the one that does now.
  public synchronized void onPolicy(Consumer<Source> listening) {
    onPolicy = listening;
    source.ifPresent(listening);
  }

  /// Has `listening` told of every change of the state, and of the one it is in now.
  public synchronized void onState(Consumer<State> listening) {
    onState = listening;
    listening.accept(state);
  }

  synchronized void enter(State next) {
    listener.impose(
        switch (next) {
          case SUPERVISED -> null;
          case NO_POLICY -> Imposed.NO_POLICY;
          case QUARANTINED -> Imposed.QUARANTINE;
          case KILLED -> Imposed.KILL;
        });
    state = next;
    onState.accept(next);
  }

  /// Kills the process that is known, which ends the container if it is its first, and whoever
  /// makes a call from here on.
  void kill() {
    enter(State.KILLED);
    synchronized (processLock) {
      if (process >= 0) {
        var _ = Processes.pidfdSendSignal(process, Processes.SIGKILL); // it may have ended
      }
    }
  }

  public Container container() {
    return handed.container();
  }

  /// Who shares what one container may have with all others of theirs, if anybody does.
  public OptionalInt user() {
    return handed.user();
  }

  /// The process that was said to be in it; 0 if none was.
  public int pid() {
    return handed.pid();
  }

  public Instant since() {
    return since;
  }

  public State state() {
    return state;
  }

  /// Its policy, and what named that.
  public Choice choice() {
    return choice;
  }

  /// What decides its calls, unless [#state] says otherwise.
  public CompiledPolicy policy() {
    return policy;
  }

  public CallCounts counts() {
    return counts;
  }

  /// Its calls that workers have now.
  public List<PendingCall> pending() {
    return listener.pending();
  }

  /// How many calls of the whole container workers may have at once.
  public int maxPending() {
    return quota.max();
  }

  /// Whether [#ended] is about to complete, if it has not.
  boolean hasEnded() {
    return listener.ended().isDone();
  }

  void tellOfEnd() {
    ended.complete(null);
  }

  /// Completes when none of its tasks is left; on a thread of its own, so that whoever is told
  /// there may wait for whatever it likes.
  public CompletableFuture<Void> ended() {
    return ended;
  }
}
