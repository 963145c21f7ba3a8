package dev.sluice.supervisor;

import static dev.sluice.supervisor.Supervised.State.NO_POLICY;
import static dev.sluice.supervisor.Supervised.State.QUARANTINED;
import static dev.sluice.supervisor.Supervised.State.SUPERVISED;

import dev.sluice.supervisor.audit.AuditLog;
import dev.sluice.supervisor.listener.CallMakers;
import dev.sluice.supervisor.listener.CallQuota;
import dev.sluice.supervisor.listener.EventLoop;
import dev.sluice.supervisor.listener.Listener;
import dev.sluice.supervisor.listener.Relay;
import dev.sluice.supervisor.listener.Workers;
import dev.sluice.supervisor.metrics.CallCounts;
import dev.sluice.supervisor.policy.Container;
import dev.sluice.supervisor.policy.PolicyException;
import dev.sluice.supervisor.policy.choice.Choice;
import dev.sluice.supervisor.policy.choice.PolicyFiles.Source;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// The listeners that are answered. Several may be of one container: it has one quota and one
/// count, and what is imposed on it holds for those to come. Those of one user have one quota, too.
final class SupervisedSet {
  /// How long who is told of an end may take before [#awaitTold] does not wait for it any more.
  private static final long TOLD_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final List<Supervised> all = new CopyOnWriteArrayList<>();
  private final EventLoop loop;
  private final Workers workers;
  private final CallMakers makers;
  private final AuditLog audit;
  private final Supplier<CallQuota> quotas;

  /// The threads on which somebody is being told that one has ended.
  private final Set<Thread> telling = ConcurrentHashMap.newKeySet();

  private boolean closed;

  SupervisedSet(
      EventLoop loop,
      Workers workers,
      CallMakers makers,
      AuditLog audit,
      Supplier<CallQuota> quotas) {
    this.loop = loop;
    this.workers = workers;
    this.makers = makers;
    this.audit = audit;
    this.quotas = quotas;
  }

  /// Those whose tasks have not all ended.
  List<Supervised> all() {
    return all.stream().filter(each -> !each.hasEnded()).toList();
  }

  /// What is to decide for `handed`: what decides for its container already, or else what the
  /// policies say.
  PolicySet.Chosen choose(PolicySet from, Handed handed, Optional<EarlierPolicies> earlier)
      throws PolicyException {
    var beside = beside(from, handed, earlier);
    return beside.isPresent() ? beside.get() : from.of(handed, earlier);
  }

  /// What decides for what was executed in a container before `handed`, or for the container: they
  /// share what a policy counts and remembers. Empty if nobody there is under the policy that is
  /// for `handed`, or its filter is for another policy than theirs.
  Optional<PolicySet.Chosen> beside(
      PolicySet from, Handed handed, Optional<EarlierPolicies> earlier) {
    return from.source(handed)
        .flatMap(source -> beside(handed, from.choice(handed), source, earlier));
  }

  private Optional<PolicySet.Chosen> beside(
      Handed handed, Choice choice, Source source, Optional<EarlierPolicies> earlier) {
    Optional<Source> first =
        earlier.map(EarlierPolicies::installed).filter(installed -> !installed.equals(source));
    return of(handed.container())
        .filter(each -> each.container().equals(handed.container()) && each.isDecidedBy(source))
        .filter(each -> first.isEmpty() || each.installed().edition().isOf(first.get().text()))
        .findFirst()
        .map(each ->
            new PolicySet.Chosen(choice, Optional.of(source), each.policy(), each.installed()));
  }

  /// Makes a listener.
  private interface Making {
    Listener make(CallCounts counts, CallQuota quota) throws IOException;
  }

  /// Begins to answer `fd`, which is ours from here on, unless that fails.
  ///
  /// @param journal where its calls are kept, if they and the listener outlive us
  Supervised begin(int fd, Handed handed, PolicySet.Chosen chosen, Optional<Path> journal)
      throws IOException {
    return begin(
        handed,
        chosen,
        (counts, quota) ->
            new Listener(
                fd,
                handed.waitKillable(),
                handed.user().isPresent(),
                handed.told() && chosen.policy().tellsOfChanges(),
                chosen.policy(),
                loop,
                workers,
                makers,
                counts,
                quota,
                journal));
  }

  /// The same of a relay.
  Supervised begin(Relay relay, Handed handed, PolicySet.Chosen chosen) throws IOException {
    return begin(
        handed,
        chosen,
        (counts, quota) ->
            new Listener(relay, chosen.policy(), loop, workers, makers, counts, quota));
  }

  private synchronized Supervised begin(Handed handed, PolicySet.Chosen chosen, Making making)
      throws IOException {
    if (closed) {
      throw new IOException("the supervisor is closed");
    }
    Container container = handed.container();
    CallQuota quota = sharing(handed).map(Supervised::quota).findFirst().orElseGet(quotas);
    // what is counted of a container goes on when what was executed in it later has ended
    CallCounts counts =
        of(container).map(Supervised::counts).findFirst().orElseGet(() -> counts(container));
    Listener listener = making.make(counts, quota);
    var answered = new Supervised(listener, quota, counts, handed, chosen);
    Supervised.State state =
        Stream.concat(of(container).map(Supervised::state), Stream.of(handed.imposed()))
            .filter(Supervised.State::isImposed)
            .findFirst()
            .orElse(chosen.exists() ? SUPERVISED : NO_POLICY);
    boolean begun = false;
    try {
      if (state != SUPERVISED) {
        answered.enter(state);
      }
      listener.start();
      begun = true;
    } finally {
      if (!begun) {
        listener.abandon();
      }
    }
    counts.recovered(listener.recovered());
    all.add(answered);
    var _ =
        listener
            .ended()
            .thenRun(() -> {
              all.remove(answered);
              tellOfEnd(answered);
            });
    return answered;
  }

  /// Not on the loop: who is told may wait for that, as to close all this.
  private void tellOfEnd(Supervised ended) {
    Thread teller =
        Thread.ofPlatform()
            .name("sluice-ended")
            .daemon(true)
            .unstarted(() -> {
              ended.tellOfEnd();
              telling.remove(Thread.currentThread());
            });
    telling.add(teller);
    try {
      teller.start();
    } catch (OutOfMemoryError noThread) {
      telling.remove(teller);
      ended.tellOfEnd(); // rather here than never
    }
  }

  /// Begins no more. Returns those that are answered.
  synchronized List<Supervised> close() {
    closed = true;
    return all();
  }

  /// Waits until everybody has been told of those that have ended, for a while.
  void awaitTold() {
    long until = System.nanoTime() + TOLD_NANOS;
    for (Thread teller : telling) {
      if (teller != Thread.currentThread()) {
        try {
          var _ = teller.join(Duration.ofNanos(until - System.nanoTime()));
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }
  }

  private CallCounts counts(Container container) {
    return new CallCounts(loop::isInside, container.id().isEmpty() ? audit : audit.in(container));
  }

  private Stream<Supervised> sharing(Handed handed) {
    return handed.user().isPresent()
        ? all().stream().filter(each -> each.user().equals(handed.user()))
        : of(handed.container());
  }

  /// None for [Container#NONE]: processes of which nothing is known are not in one container.
  private Stream<Supervised> of(Container container) {
    return of(container.id());
  }

  private Stream<Supervised> of(String id) {
    return all().stream().filter(each -> !id.isEmpty() && each.container().id().equals(id));
  }

  /// Has every call of a container refused, or no more. Returns whether there is such a container.
  boolean quarantine(String container, boolean refused) {
    return each(
        container,
        listener -> {
          if (refused && !listener.state().isImposed()) {
            listener.enter(QUARANTINED);
          } else if (!refused && listener.state() == QUARANTINED) {
            listener.enter(listener.hasPolicy() ? SUPERVISED : NO_POLICY);
          }
        });
  }

  /// Kills the processes of a container. Returns whether there is such a container.
  boolean kill(String container) {
    return each(container, Supervised::kill);
  }

  private boolean each(String container, Consumer<Supervised> action) {
    List<Supervised> theirs = of(container).toList();
    theirs.forEach(action);
    return !theirs.isEmpty();
  }
}
