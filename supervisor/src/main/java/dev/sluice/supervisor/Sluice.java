package dev.sluice.supervisor;

import dev.sluice.supervisor.audit.AuditLog;
import dev.sluice.supervisor.audit.AuditRecord;
import dev.sluice.supervisor.audit.AuditSink;
import dev.sluice.supervisor.audit.ShadowPolicy;
import dev.sluice.supervisor.handler.Asker;
import dev.sluice.supervisor.handler.Handlers;
import dev.sluice.supervisor.handler.SyscallHandler;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.Processes;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.kernel.SyscallException;
import dev.sluice.supervisor.kernel.UnixSocket;
import dev.sluice.supervisor.launch.LaunchException;
import dev.sluice.supervisor.launch.Launcher;
import dev.sluice.supervisor.listener.EventLoop;
import dev.sluice.supervisor.listener.Listener;
import dev.sluice.supervisor.listener.Workers;
import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.Container;
import dev.sluice.supervisor.policy.PolicyCompiler;
import dev.sluice.supervisor.policy.PolicyException;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.worker.WorkerPool;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Supervises processes under one policy.
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
  private final Builder builder;
  private final Session session;
  private final Features features;
  private final boolean noNewPrivs;
  private final EventLoop loop;
  private final Workers workers;
  private final WorkerPool workerPool;
  private final AuditLog audit;
  private final List<Supervised> supervised = new CopyOnWriteArrayList<>();
  private final Optional<ControlSocket> control;
  private volatile CompiledPolicy policy;

  /// The text of that: a file that is being changed is nothing to go by before a [#reload].
  private String text;

  private int launchSocket = -1;

  private int epoch = 1; // how often the policy has been read

  /// A listener, and the policy whose filter is installed behind it.
  private record Supervised(Listener listener, CompiledPolicy installed, Container container) {}

  private Sluice(Builder builder, String text, CompiledPolicy policy) {
    this.builder = builder;
    this.text = text;
    this.policy = policy;
    this.noNewPrivs = builder.noNewPrivs;
    this.session = Session.create();
    builder.state.ifPresent(session::succeed);
    try {
      this.features =
          Features.probe(session.program("sluice-probe"), "user_notif", "wait_killable", "trace");
      Requirements.check(features, policy);
      if (policy.notifies()) {
        Seccomp.notifSize();
      }
      Processes.setNotDumpable();
      this.loop = new EventLoop("sluice-loop");
      this.workers = new Workers();
      this.workerPool =
          new WorkerPool(
              session.program("sluice-worker").toString(),
              session.directory(),
              builder.state.isPresent());
      this.audit = new AuditLog(builder.sinks, builder.shadow);
      this.control =
          builder.reloadable
              ? Optional.of(ControlSocket.open(session.directory(), this::reloadAndTell))
              : Optional.empty();
    } catch (IOException e) {
      session.close();
      throw new SluiceException("the supervisor cannot start: " + e.getMessage(), e);
    }
  }

  /// A supervisor for the policy in `file`.
  public static Builder policy(Path file) {
    return new Builder(file, Optional.empty());
  }

  /// A supervisor for a policy that is in no file; `name` stands for it in messages.
  public static Builder policyText(String name, String text) {
    return new Builder(Path.of(name), Optional.of(text));
  }

  /// What decides now.
  public CompiledPolicy policy() {
    return policy;
  }

  /// Reads the policy's file again, and decides by it from the next call on; all or nothing.
  ///
  /// @throws PolicyException if it is wrong, or needs another filter than those installed: then
  ///   nothing has changed
  public synchronized void reload() throws PolicyException {
    String read = PolicyCompiler.read(builder.file, builder.source);
    int nextEpoch = epoch + 1;
    CompiledPolicy next = builder.compile(read, nextEpoch);
    supervised.removeIf(each -> each.listener.ended().isDone());
    var replacements = new IdentityHashMap<CompiledPolicy, CompiledPolicy>();
    for (Supervised each : supervised) {
      if (!replacements.containsKey(each.installed)) {
        var compiler = builder.compiler(each.container, nextEpoch).replacing(each.installed);
        replacements.put(each.installed, compiler.compile(builder.file.toString(), read));
      }
    }
    for (Supervised each : supervised) {
      CompiledPolicy replacement = replacements.get(each.installed);
      if (replacement != null) {
        each.listener.replace(replacement);
      }
    }
    text = read;
    policy = next;
    epoch = nextEpoch;
  }

  private String reloadAndTell() {
    try {
      reload();
      return "";
    } catch (PolicyException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /// Starts the command of `builder` under the policy.
  ///
  /// @throws IOException if there is no such command
  /// @throws SluiceException if the filter cannot be installed
  public Process start(ProcessBuilder builder) throws IOException {
    String socketPath = session.directory().resolve("launch").toString();
    Process process;
    int connection;
    synchronized (this) {
      if (launchSocket < 0) {
        launchSocket = UnixSocket.listen(socketPath, 16);
      }
      List<String> command = builder.command();
      var launched = new ArrayList<>(command);
      launched.addAll(0, List.of(session.program("sluice-launch").toString(), socketPath));
      try {
        process = builder.command(launched).start();
      } finally {
        builder.command(command);
      }
      connection = accept(process, socketPath);
    }
    try (var launcher = Launcher.greet(connection)) {
      var _ = supervise(launcher, 2);
      return process;
    } catch (LaunchException e) {
      if (e.stage() == LaunchException.Stage.NO_COMMAND) {
        throw new IOException(builder.command().getFirst() + ": " + e.getMessage(), e);
      }
      throw new SluiceException(String.valueOf(e.getMessage()), e);
    }
  }

  private int accept(Process process, String socketPath) {
    while (true) {
      int fd = SyscallException.checkInt(UnixSocket.accept(launchSocket), "accept", socketPath);
      if (UnixSocket.peer(fd).pid() == process.pid()) {
        return fd;
      }
      Files.close(fd); // whoever that is
    }
  }

  /// How a launcher is to install the filter and execute the command that begins at `argvOffset` of
  /// its own arguments. That execution passes whatever the policy says of execve(2).
  @SuppressWarnings("exports") // for the programs of Sluice itself
  public Launcher.Plan plan(Launcher launcher, int argvOffset) {
    CompiledPolicy now = policy;
    return new Launcher.Plan(
        now.filter(launcher.execCalls(argvOffset)),
        now.notifies(),
        now.notifies() && features.has("wait_killable"),
        noNewPrivs,
        argvOffset);
  }

  /// Installs the filter through a launcher, begins to answer, and lets the command go. Returns
  /// what completes when none of its tasks is left.
  @SuppressWarnings("exports")
  public synchronized CompletableFuture<Void> supervise(Launcher launcher, int argvOffset)
      throws LaunchException {
    var plan = plan(launcher, argvOffset);
    int fd = launcher.install(plan);
    if (fd < 0) {
      launcher.go();
      return CompletableFuture.completedFuture(null);
    }
    try {
      var listener =
          new Listener(
              fd,
              plan.waitKillable(),
              policy,
              loop,
              workers,
              workerPool,
              audit,
              session.newJournal(),
              false);
      listener.start();
      supervised.add(new Supervised(listener, policy, builder.container));
      launcher.go();
      return listener.ended();
    } catch (IOException e) {
      Files.close(fd);
      launcher.refuse(125);
      throw new SluiceException("the journal cannot be made: " + e.getMessage(), e);
    }
  }

  /// Answers a listener that somebody else has installed, such as an OCI runtime for a container:
  /// `fd`, which is ours from here on. Its filter is to notify what the policy decides on (`sluice
  /// policy compile --format oci`); what it notifies beyond that fails with ENOSYS. Returns what
  /// completes when none of its tasks is left.
  ///
  /// @param container what the policy is to know of it
  /// @param waitKillable whether the filter was installed with WAIT_KILLABLE_RECV; false if that is
  ///   not known, and then a signal may have a call begin again
  /// @throws PolicyException if the policy is wrong for that container
  public CompletableFuture<Void> attach(int fd, Container container, boolean waitKillable)
      throws PolicyException {
    return attach(fd, container, waitKillable, session.newJournal(), false);
  }

  /// The same for a listener that somebody else holds too, so that it outlives us: its calls are
  /// kept in `journal`, and whoever comes after us and is given both goes on with those that are
  /// not answered. So do we, if that file is there.
  ///
  /// @param journal to be removed when none of the tasks is left
  public CompletableFuture<Void> attachKept(
      int fd, Container container, boolean waitKillable, Path journal) throws PolicyException {
    return attach(fd, container, waitKillable, journal, true);
  }

  private synchronized CompletableFuture<Void> attach(
      int fd, Container container, boolean waitKillable, Path journal, boolean kept)
      throws PolicyException {
    boolean served = false;
    try {
      CompiledPolicy theirs =
          builder.compiler(container, epoch).compile(builder.file.toString(), text);
      var recorder = container.id().isEmpty() ? audit : audit.in(container.id());
      var listener =
          new Listener(
              fd, waitKillable, theirs, loop, workers, workerPool, recorder, journal, kept);
      listener.start();
      served = true;
      supervised.removeIf(each -> each.listener.ended().isDone());
      supervised.add(new Supervised(listener, theirs, container));
      return listener.ended();
    } catch (IOException e) {
      throw new SluiceException("the journal cannot be made: " + e.getMessage(), e);
    } finally {
      if (!served) {
        Files.close(fd);
      }
    }
  }

  /// Returns when the event loop has come round once more: if it hangs, not at all.
  public void awaitLoop() {
    CompletableFuture.runAsync(() -> {}, loop::execute).join();
  }

  /// Waits until the record of every call so far is where it goes.
  public void flush() {
    supervised.forEach(each -> each.listener.awaitRecords());
    audit.flush();
  }

  /// Writes the end of the audit log: nothing is left that calls could come from.
  public void endRecords() {
    audit.close();
  }

  @Override
  public void close() {
    control.ifPresent(ControlSocket::close);
    audit.stopWaiting();
    for (Supervised each : supervised) {
      loop.execute(each.listener::end);
      each.listener.ended().join();
    }
    loop.close();
    workers.close();
    workerPool.close();
    audit.close();
    if (launchSocket >= 0) {
      Files.close(launchSocket);
    }
    session.close();
  }

  /// What a supervisor is made from.
  public static final class Builder {
    private final Path file;
    private final Optional<String> source;
    private final List<SyscallHandler> handlers = new ArrayList<>();
    private final List<AuditSink> sinks = new ArrayList<>();
    private Optional<Path> plugIns = Optional.empty();
    private Asker asker = Asker.NOBODY;
    private Container container = Container.NONE;
    private boolean noNewPrivs = true;
    private boolean reloadable;
    private Optional<Path> state = Optional.empty();
    private Optional<ShadowPolicy> shadow = Optional.empty();

    /// What was loaded for the first policy serves the later ones.
    private @Nullable Handlers emulations;

    private Builder(Path file, Optional<String> source) {
      this.file = file;
      this.source = source;
    }

    /// Adds a handler that the policy may name in `emulate:`.
    public Builder handler(SyscallHandler handler) {
      handlers.add(handler);
      return this;
    }

    /// The same, given as a function.
    public Builder handler(String name, Set<String> syscalls, Function<Call, Verdict> decide) {
      return handler(new FunctionHandler(name, syscalls, decide));
    }

    /// Adds the handlers in the jars of a directory.
    public Builder plugIns(Path directory) {
      plugIns = Optional.of(directory);
      return this;
    }

    /// Adds somebody to be told of every decision, on a thread of its own.
    public Builder onRecord(Consumer<AuditRecord> consumer) {
      return sink(consumer::accept);
    }

    public Builder sink(AuditSink sink) {
      sinks.add(sink);
      return this;
    }

    /// Tries out another policy: records say what it would have done, where that is something else.
    ///
    /// @return the calls of which it will not see each, as the kernel decides some of them alone
    public Set<String> shadow(Path file) throws PolicyException {
      var tried = new ShadowPolicy(compiler(container, 1).compile(file));
      shadow = Optional.of(tried);
      return tried.unseen(compile());
    }

    /// Sets who is asked where the policy says `ask`; by default the answer is no.
    public Builder asker(Asker who) {
      asker = who;
      return this;
    }

    /// Lets setuid and setcap programs under the policy gain privileges. Needs CAP_SYS_ADMIN.
    public Builder allowNewPrivileges() {
      noNewPrivs = false;
      return this;
    }

    /// Sets what the policy is to know of the container the targets are in.
    public Builder container(Container theirs) {
      container = theirs;
      return this;
    }

    /// Lets processes of the same user that are not supervised have the policy read again (`sluice
    /// reload`).
    public Builder reloadable() {
      reloadable = true;
      return this;
    }

    /// Prepares for listeners that outlive us ([#attachKept]): what workers are doing for them is
    /// finished, should we end in the middle of it. Whoever starts us sees to it that they have
    /// ended before somebody else is started.
    ///
    /// @param directory of us and whoever comes before and after, and of nobody else
    public Builder outlived(Path directory) {
      state = Optional.of(directory);
      return this;
    }

    /// Compiles the policy only.
    public CompiledPolicy compile() throws PolicyException {
      return compile(PolicyCompiler.read(file, source), 1);
    }

    private CompiledPolicy compile(String text, int epoch) throws PolicyException {
      return compiler(container, epoch).compile(file.toString(), text);
    }

    private PolicyCompiler compiler(Container theirs, int epoch) {
      if (emulations == null) {
        emulations = Handlers.load(handlers, plugIns, asker);
      }
      return new PolicyCompiler(emulations, System.getenv()).in(theirs).epoch(epoch);
    }

    /// Starts the supervisor.
    ///
    /// @throws PolicyException if the policy is not right
    /// @throws SluiceException if this machine or user cannot supervise
    public Sluice open() throws PolicyException {
      String text = PolicyCompiler.read(file, source);
      return new Sluice(this, text, compile(text, 1));
    }
  }
}
