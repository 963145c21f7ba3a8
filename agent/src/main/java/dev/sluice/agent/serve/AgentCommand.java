package dev.sluice.agent.serve;

import dev.sluice.agent.control.Agent;
import dev.sluice.agent.control.ControlServer;
import dev.sluice.agent.control.Secured;
import dev.sluice.agent.keeper.KeptListeners;
import dev.sluice.agent.keeper.ServiceManager;
import dev.sluice.agent.keeper.Watchdog;
import dev.sluice.agent.oci.Admission;
import dev.sluice.agent.oci.Announcement;
import dev.sluice.agent.oci.HandOver;
import dev.sluice.agent.oci.RuntimeSocket;
import dev.sluice.agent.options.AuditOptions;
import dev.sluice.agent.options.SupervisorOptions;
import dev.sluice.agent.terminal.Output;
import dev.sluice.agent.terminal.UsageException;
import dev.sluice.supervisor.Handed;
import dev.sluice.supervisor.Peer;
import dev.sluice.supervisor.Sluice;
import dev.sluice.supervisor.SluiceBuilder;
import dev.sluice.supervisor.Supervised;
import dev.sluice.supervisor.policy.FileErrors;
import dev.sluice.supervisor.policy.PolicyException;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `sluice agent`: containers that OCI runtimes start, under a policy.
@Command(
    name = "agent",
    description =
        "Supervises the containers that runc, crun and podman hand over, containers of LXC (--lxc),"
            + " and commands ('sluice run --agent'). The seccomp profile of a container names the"
            + " agent's socket as listenerPath; 'sluice policy compile --format oci' makes that"
            + " profile.",
    footer = {
      "",
      "Exit status: 0 once it was drained and its last container has ended, 128+n if signal n ends"
          + " it; 2 for wrong usage or policy, 125 if sluice itself fails."
    },
    mixinStandardHelpOptions = true)
public final class AgentCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(AgentCommand.class);

  /// The descriptor of the socket, if somebody else has bound it.
  private static final String SOCKET_NAME = "runtimes";

  /// How long a signal waits for that: a policy may lie where nobody answers.
  private static final int OPENING_SECONDS = 5;

  @Mixin private SupervisorOptions options = new SupervisorOptions();
  @Mixin private SocketOptions socket = new SocketOptions();
  @Mixin private ControlOptions control = new ControlOptions();
  @Mixin private LimitOptions limits = new LimitOptions();

  @Option(
      names = "--policies",
      paramLabel = "DIR",
      description =
          "a directory of policies: a container is under the one that its listenerMetadata, its"
              + " annotation dev.sluice.policy, or choice.yaml in DIR names; --policy is for all"
              + " others")
  private Optional<Path> policies = Optional.empty();

  @Option(
      names = "--lxc",
      paramLabel = "PATH",
      description =
          "also serve containers of LXC, whose configuration names unix:PATH as"
              + " lxc.seccomp.notify.proxy, and a policy as lxc.seccomp.notify.cookie")
  private Optional<Path> lxc = Optional.empty();

  @Option(
      names = "--keep",
      description =
          "start sluice-keeper, which starts the agent, starts it again when it ends, and holds its"
              + " listeners meanwhile. Not needed under systemd")
  private boolean keep;

  @Option(
      names = "--fdstore",
      paramLabel = "PATH",
      description =
          "with --keep: the keeper, too, may end and be started again, by whoever started it;"
              + " 'sluice-fdstore PATH', which is started besides, holds the listeners meanwhile")
  private Optional<Path> fdstore = Optional.empty();

  @Option(
      names = "--state",
      paramLabel = "DIR",
      description =
          "with --keep or under systemd: where to keep what is known of listeners that are held"
              + " while the agent starts again; the name of the socket and '.state' if not given")
  private Optional<Path> state = Optional.empty();

  @Override
  public Integer call() throws Exception {
    var builder = options.builder(policies);
    limits.apply(builder);
    var secured = control.secured();
    var members = socket.group();
    options.prepare(builder, AuditOptions.Earlier.STAYS, policies);
    warnOfFilters();
    var manager = ServiceManager.ofEnvironment();
    if (manager.isPresent()) {
      runKept(builder, secured, members, manager.get());
      return 0;
    }
    if (fdstore.isPresent() && !keep) {
      throw new UsageException("--fdstore is for --keep");
    }
    if (keep) {
      throw new UsageException("--keep is for the sluice script, which starts sluice-keeper");
    }
    if (state.isPresent()) {
      throw new UsageException("--state is for --keep and systemd: nobody keeps listeners here");
    }
    try (var sluice = open(builder);
        var sockets =
            sockets(
                socket.listen(RuntimeSocket.Clients.of(sluice, one -> attach(sluice, one))),
                sluice);
        var _ = serve(sluice, sockets, secured)) {
      run(sluice, sockets, socket.admit(members));
    }
    return 0;
  }

  private void runKept(
      SluiceBuilder builder,
      Optional<Secured> secured,
      Optional<GroupPrincipal> members,
      ServiceManager manager)
      throws Exception {
    Path directory = prepare(state.orElse(Path.of(socket.path() + ".state")));
    var sluice = open(builder.outlived(directory));
    boolean drained = false;
    try {
      runKept(secured, members, manager, KeptListeners.takeBack(manager, directory, sluice));
      drained = true;
    } finally {
      if (drained) {
        sluice.close();
      } else {
        // what was kept is for the next agent, as if we had been killed: to close ends every
        // listener
        sluice.stop();
      }
    }
  }

  private void runKept(
      Optional<Secured> secured,
      Optional<GroupPrincipal> members,
      ServiceManager manager,
      KeptListeners kept)
      throws Exception {
    var sluice = kept.sluice();
    var clients = RuntimeSocket.Clients.of(sluice, kept::attach);
    var runtimes =
        manager
            .socket(SOCKET_NAME)
            .map(bound -> RuntimeSocket.of(bound, clients))
            .orElseGet(() -> socket.listen(clients));
    try (var sockets = sockets(runtimes, sluice);
        var _ = serve(sluice, sockets, secured)) {
      var admission = socket.admit(members);
      manager.ready();
      Watchdog.start(manager, sluice);
      run(sluice, sockets, admission);
    }
  }

  /// Whoever ends the agent by a signal has its records whole, and finds no directory of it, if it
  /// is still being opened too.
  private static Sluice open(SluiceBuilder builder) throws PolicyException {
    var opened = new CompletableFuture<Optional<Sluice>>();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () ->
                    opened
                        .completeOnTimeout(Optional.empty(), OPENING_SECONDS, TimeUnit.SECONDS)
                        .join()
                        .ifPresent(Sluice::stop),
                "sluice-stop"));
    try {
      var sluice = builder.open();
      opened.complete(Optional.of(sluice));
      return sluice;
    } finally {
      opened.complete(Optional.empty()); // unless it is known by now
    }
  }

  /// Who is supervised is told by its filters from who may ask.
  private static void warnOfFilters() {
    int own = Peer.ownFilters();
    if (own > 0) {
      Output.say(
          "the agent has "
              + own
              + " seccomp filters itself: whoever is root or its user may ask it for everything,"
              + " supervised or not, with no more filters than that; start it without any");
    }
  }

  private static Path prepare(Path directory) {
    try {
      return KeptListeners.prepare(directory);
    } catch (IOException e) {
      throw new UsageException(
          "--state: \"" + directory + "\" cannot be used: " + FileErrors.reason(e));
    }
  }

  private ContainerSockets sockets(RuntimeSocket runtimes, Sluice sluice) {
    return ContainerSockets.of(runtimes, lxc, sluice);
  }

  private ControlServer serve(Sluice sluice, ContainerSockets sockets, Optional<Secured> secured) {
    return control.serve(new Agent(sluice, socket.path(), sockets::drain, Instant.now()), secured);
  }

  private void run(Sluice sluice, ContainerSockets sockets, Admission admission)
      throws InterruptedException {
    options.watch(sluice);
    Output.say("listening at " + socket.path());
    sockets.runtimes().run(admission);
    // no more come: it is being drained
    sluice.supervised().forEach(each -> each.ended().join());
  }

  private static boolean attach(Sluice sluice, HandOver handOver) {
    Handed handed = handOver.handed();
    try {
      Supervised supervised = sluice.attach(handOver.listener(), handed);
      Announcement.of(supervised);
      var _ = supervised.ended().thenRun(() -> Announcement.ofEnd(supervised));
      return true;
    } catch (PolicyException e) {
      // its calls fail with ENOSYS now
      LOG.error("container {} has no policy: {}", handed.container().id(), e.getMessage());
      return false;
    }
  }
}
