package dev.sluice.supervisor;

import dev.sluice.supervisor.audit.AuditLog;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.Processes;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.launch.LaunchException;
import dev.sluice.supervisor.launch.Launcher;
import dev.sluice.supervisor.listener.EventLoop;
import dev.sluice.supervisor.listener.Relay;
import dev.sluice.supervisor.listener.UnreadableJournalException;
import dev.sluice.supervisor.listener.Workers;
import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.PolicyException;
import dev.sluice.supervisor.policy.choice.PolicyFiles;
import dev.sluice.supervisor.worker.WorkerPool;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/// Supervises processes under a policy, or containers each under one of several.
///
/// ```java
/// try (var sluice = Sluice.policy(Path.of("policy.yaml")).onRecord(System.out::println).open()) {
///   sluice.start(new ProcessBuilder("make").inheritIO()).waitFor();
/// }
/// ```
///
/// What was started loses its mediated calls (ENOSYS) when this is closed. The program becomes
/// undumpable (prctl(2)), so that what it supervises cannot trace it, and neither can debuggers of
/// the same user.
public final class Sluice implements AutoCloseable {
  /// How long [#stop] waits for calls that are being decided.
  private static final long STOPPING_NANOS = TimeUnit.SECONDS.toNanos(1);

  /// How long [#flush] waits for calls that wait for room for their records.
  private static final long ROOM_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final SluiceBuilder builder;
  private final Session session;
  private final LaunchSocket launches;
  private final Features features;
  private final boolean noNewPrivs;
  private final EventLoop loop;
  private final Workers workers;
  private final WorkerPool workerPool;
  private final AuditLog audit;
  private final SupervisedSet supervised;
  private final AtomicInteger epoch = new AtomicInteger(1);
  private final Optional<ReloadSocket> reloads;

  /// One after the other. Who has it may wait for this, and never the other way round.
  private final Object reloading = new Object();

  private final Object stopping = new Object();
  private final AtomicBoolean closed = new AtomicBoolean();

  /// Under the latter.
  private boolean stopped;

  /// What was read: a file that is being changed is nothing to go by before a [#reload].
  private volatile PolicySet policies;

  private volatile boolean reloadFailed;

  Sluice(SluiceBuilder builder, PolicySet policies) {
    this.builder = builder;
    this.policies = policies;
    this.noNewPrivs = builder.noNewPrivs;
    this.session = Session.create();
    try {
      builder.state.ifPresent(session::succeed);
      this.launches =
          new LaunchSocket(session.program("sluice-launch"), session.directory().resolve("launch"));
      this.features =
          Features.probe(session.program("sluice-probe"), "user_notif", "wait_killable", "trace");
      Requirements.check(features, policies.fallback());
      if (policies.fallback().notifies()) {
        Seccomp.notifSize();
      }
      Processes.setNotDumpable();
      this.loop = new EventLoop("sluice-loop");
      this.workers = new Workers();
      this.workerPool =
          new WorkerPool(
              session.program("sluice-worker").toString(),
              session.program("sluice-fuse").toString(),
              session.directory(),
              builder.state.isPresent());
      this.audit = new AuditLog(builder.sinks, builder.shadow);
      this.supervised = new SupervisedSet(loop, workers, workerPool, audit, builder.quota);
      this.reloads =
          builder.reloadable
              ? Optional.of(ReloadSocket.open(session.directory(), this::reload))
              : Optional.empty();
    } catch (IOException e) {
      session.close();
      throw new SluiceException("the supervisor cannot start: " + e.getMessage(), e);
    } catch (RuntimeException | Error e) {
      // such as what a machine without support is refused with
      session.close();
      throw e;
    }
  }

  /// A supervisor for the policy in `file`.
  public static SluiceBuilder policy(Path file) {
    return new SluiceBuilder(Optional.of(file), Optional.empty());
  }

  /// A supervisor for a policy that is in no file; `name` stands for it in messages.
  public static SluiceBuilder policyText(String name, String text) {
    return new SluiceBuilder(Optional.of(Path.of(name)), Optional.of(text));
  }

  /// A supervisor for the policies in a directory, one of which is chosen for each container.
  public static SluiceBuilder policies(Path directory) {
    return new SluiceBuilder(Optional.empty(), Optional.empty()).directory(directory);
  }

  /// What decides now.
  public CompiledPolicy policy() {
    return policies.fallback();
  }

  /// Those whose calls are answered now.
  public List<Supervised> supervised() {
    return supervised.all();
  }

  /// The policies there are.
  public PolicyFiles policies() {
    return policies.files();
  }

  /// How often the policies have been read.
  public int epoch() {
    return epoch.get();
  }

  /// What the supervisor is busy with.
  public Load load() {
    return new Load(
        workers.busy(), workerPool.size(), workerPool.started(), audit.waiting(), audit.lost());
  }

  /// Reads the policies' files again, and decides by them from the next call on; all or nothing.
  ///
  /// @throws PolicyException if one is wrong, or needs another filter than those installed, or is
  ///   gone although a container is under it: then nothing has changed
  public void reload() throws PolicyException {
    synchronized (reloading) {
      boolean done = false;
      try {
        int next = epoch.get() + 1;
        // may take long, on a file system that does not answer say: nobody else is to wait for it
        PolicySet read = builder.policiesAgain(next);
        synchronized (this) {
          new Replacements(read.compilers(), read.files(), supervised.all()).apply();
          policies = read;
          epoch.set(next);
        }
        done = true;
      } finally {
        reloadFailed = !done;
      }
    }
  }

  /// Whether the last [#reload] changed nothing, so that what decides is not what the files say.
  public boolean reloadFailed() {
    return reloadFailed;
  }

  /// Starts the command of `builder` under the policy.
  ///
  /// @throws IOException if there is no such command
  /// @throws SluiceException if the filter cannot be installed
  public Process start(ProcessBuilder builder) throws IOException {
    LaunchSocket.Launched launched = launches.start(builder);
    try (var launcher = Launcher.greet(launched.connection())) {
      var _ = supervise(launcher, 2, () -> {});
      return launched.process();
    } catch (LaunchException e) {
      if (e.stage() == LaunchException.Stage.NO_COMMAND) {
        throw new IOException(builder.command().getFirst() + ": " + e.getMessage(), e);
      }
      throw new SluiceException(String.valueOf(e.getMessage()), e);
    }
  }

  /// How a launcher is to install the filter and execute the command that begins at `argvOffset` of
  /// its own arguments. That execution passes whatever the policy says of execve(2).
  @SuppressWarnings("exports") // for the programs of Sluice itself
  public Launcher.Plan plan(Launcher launcher, int argvOffset) {
    return plan(launcher, argvOffset, policy());
  }

  /// The same under the policy for `handed`, whose listener is to be given to [#attach] then. Empty
  /// if there is none, or none of the name it gives.
  ///
  /// @throws PolicyException if the policy is wrong for it
  @SuppressWarnings("exports")
  public Optional<Launcher.Plan> plan(Launcher launcher, int argvOffset, Handed handed)
      throws PolicyException {
    PolicySet now = policies;
    String name = handed.metadata();
    PolicySet.Chosen chosen = now.of(handed);
    return chosen.exists() && (name.isEmpty() || now.files().source(name).isPresent())
        ? Optional.of(plan(launcher, argvOffset, chosen.policy()))
        : Optional.empty();
  }

  private Launcher.Plan plan(Launcher launcher, int argvOffset, CompiledPolicy now) {
    return new Launcher.Plan(
        now.filter(List.of(launcher.execCall())),
        now.notifies(),
        now.notifies() && features.has("wait_killable"),
        noNewPrivs,
        argvOffset);
  }

  /// Installs the filter through a launcher, begins to answer, and lets the command go. Returns
  /// what completes when none of its tasks is left.
  ///
  /// @param before what is done before the command begins
  @SuppressWarnings("exports")
  public synchronized CompletableFuture<Void> supervise(
      Launcher launcher, int argvOffset, Runnable before) throws LaunchException {
    var plan = plan(launcher, argvOffset);
    int fd = launcher.install(plan);
    if (fd < 0) {
      before.run();
      launcher.go();
      return CompletableFuture.completedFuture(null);
    }
    boolean answered = false;
    try {
      var handed =
          new Handed(builder.container, "", 0, plan.waitKillable(), Supervised.State.SUPERVISED);
      var ended = supervised.begin(fd, handed, policies.usual(), Optional.empty()).ended();
      answered = true;
      before.run();
      launcher.go();
      return ended;
    } catch (IOException e) {
      launcher.refuse(125);
      throw new SluiceException("the listener cannot be answered: " + e.getMessage(), e);
    } finally {
      if (!answered) {
        Files.close(fd);
      }
    }
  }

  /// Answers a listener that somebody else has installed, such as an OCI runtime for a container:
  /// `fd`, which is ours from here on. Its filter is to notify what the policy decides on (`sluice
  /// policy compile --format oci`); what it notifies beyond that fails with ENOSYS. Returns what
  /// completes when none of its tasks is left.
  ///
  /// A container for which there is no policy has every call refused.
  ///
  /// @throws PolicyException if the policy is wrong for that container; then its calls fail with
  ///   ENOSYS
  public Supervised attach(int fd, Handed handed) throws PolicyException {
    try {
      return attach(fd, handed, Optional.empty(), Optional.empty());
    } catch (IOException e) {
      throw new SluiceException("the listener cannot be answered: " + e.getMessage(), e);
    }
  }

  /// The same for a listener that somebody else holds too, so that it outlives us: its calls are
  /// kept in `journal`, and whoever comes after us and is given both goes on with those that are
  /// not answered. So do we, if that file is there.
  ///
  /// @param journal to be removed when none of the tasks is left
  /// @param earlier what [#source] was when it was handed over first, which its filter is for, and
  ///   what decided last; empty if that is not known
  /// @throws PolicyException if the policy is wrong for that container; then its calls fail with
  ///   ENOSYS
  /// @throws SluiceException if that file is no journal: what became of its calls is not known
  /// @throws IOException if the journal cannot be read or made; whoever else holds the listener may
  ///   have it answered later
  public Supervised attachKept(
      int fd, Handed handed, Path journal, Optional<EarlierPolicies> earlier)
      throws PolicyException, IOException {
    try {
      return attach(fd, handed, Optional.of(journal), earlier);
    } catch (UnreadableJournalException e) {
      throw new SluiceException("\"" + journal + "\": " + e.getMessage(), e);
    }
  }

  /// The text of the policy that is for `handed`; empty if there is none.
  public Optional<PolicyFiles.Source> source(Handed handed) {
    return policies.source(handed);
  }

  /// As [#attach(int, Handed)], for a container whose calls `relay` passes on, such as LXC's
  /// monitor: it is ours from here on, and what is attached ends with it.
  @SuppressWarnings("exports") // for the programs of Sluice itself
  public synchronized Supervised attach(Relay relay, Handed handed) throws PolicyException {
    boolean served = false;
    try {
      var answered =
          supervised.begin(relay, handed, supervised.choose(policies, handed, Optional.empty()));
      served = true;
      return answered;
    } catch (IOException e) {
      throw new SluiceException("the listener cannot be answered: " + e.getMessage(), e);
    } finally {
      if (!served) {
        relay.close();
      }
    }
  }

  private Supervised attach(
      int fd, Handed handed, Optional<Path> journal, Optional<EarlierPolicies> earlier)
      throws PolicyException, IOException {
    boolean served = false;
    try {
      Handed known = features.has("wait_killable") ? handed : handed.withoutWaitKillable();
      PolicySet then = policies;
      // may take long: nobody else is to wait for it
      PolicySet.Chosen chosen = supervised.choose(then, handed, earlier);
      Supervised answered;
      synchronized (this) {
        // by those there are by now: this one was not there to be told of them, and another of its
        // container may have come first
        PolicySet.Chosen now =
            policies == then
                ? supervised.beside(then, handed, earlier).orElse(chosen)
                : supervised.choose(policies, handed, earlier);
        answered = supervised.begin(fd, known, now, journal);
      }
      served = true;
      return answered;
    } finally {
      if (!served) {
        Files.close(fd);
      }
    }
  }

  /// Has every call of a container refused, or no more. Returns whether there is such a container.
  public synchronized boolean quarantine(String container, boolean refused) {
    return supervised.quarantine(container, refused);
  }

  /// Kills the processes of a container. Returns whether there is such a container.
  public synchronized boolean kill(String container) {
    return supervised.kill(container);
  }

  /// Returns when the event loop has come round once more: if it hangs, not at all.
  public void awaitLoop() {
    loop.await(() -> {});
  }

  /// Waits until the record of every call so far is where it goes, for some seconds at most if
  /// there is no room for it. Returns at once to whoever is being told of a record.
  public void flush() {
    if (audit.isOnWriter()) {
      return; // what there is no room for would wait for us
    }
    long begun = System.nanoTime();
    for (Supervised each : supervised.all()) {
      each.listener().awaitRecords(begun + ROOM_NANOS - System.nanoTime());
    }
    audit.flush();
  }

  /// Writes the end of the audit log: nothing is left that calls could come from.
  public void endRecords() {
    audit.close();
  }

  /// Writes the end of the audit log, and tells whom there is to tell, because the process is about
  /// to end; within some seconds. Nothing is received any more, so that no call is answered without
  /// a record, but what workers are still doing after a second. All else stays as it is, but for
  /// the directory of our sockets if nobody comes after us: calls that wait, and those to come, are
  /// for whoever does, or fail with ENOSYS when we have ended. To be called last: the event loop
  /// does not go on, and [#close] would wait for it. Who calls it again waits for the end of the
  /// first.
  public void stop() {
    synchronized (stopping) {
      if (stopped) {
        return;
      }
      stopped = true;
      audit.stopWaiting(); // or the loop may wait for room
      loop.hold(STOPPING_NANOS);
      workers.awaitIdle(STOPPING_NANOS);
      audit.close();
      if (builder.state.isEmpty()) {
        session.close(); // otherwise whoever comes after us does
      }
    }
  }

  /// Does nothing the second time. Whoever is being told of a record may call it, too: those that
  /// are left are told meanwhile.
  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    reloads.ifPresent(ReloadSocket::close);
    audit.stopWaiting();
    // together: each may wait for a worker that does not come back
    List<Supervised> left = supervised.close();
    left.forEach(each -> loop.execute(each.listener()::end));
    left.forEach(each -> each.listener().ended().join());
    loop.close();
    supervised.awaitTold();
    workers.close();
    workerPool.close();
    audit.close();
    launches.close();
    session.close();
  }
}
