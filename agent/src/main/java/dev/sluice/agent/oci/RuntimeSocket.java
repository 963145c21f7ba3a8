package dev.sluice.agent.oci;

import dev.sluice.supervisor.Peer;
import dev.sluice.supervisor.Sluice;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.FromOthers;
import dev.sluice.supervisor.kernel.SyscallException;
import dev.sluice.supervisor.kernel.UnixSocket;
import java.nio.file.Path;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The socket at `listenerPath`. One thread accepts; what a client takes its time for, another
/// thread waits for, and be it that what it has sent is closed. Members of the group have a part of
/// these threads, so that runtimes find the others.
public final class RuntimeSocket implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RuntimeSocket.class);

  /// runc fails at once if the queue is full.
  private static final int BACKLOG = 4096;

  private static final int MAX_CLIENTS = 64;
  private static final int MAX_MEMBERS = 16;
  private static final int MAX_LEAVING = 16;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final int socket;

  /// Whether it ends with us: then no other holds it.
  private final boolean ours;

  private final Clients served;
  private final ThreadPoolExecutor clients =
      new ThreadPoolExecutor(
          0, MAX_CLIENTS, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), RuntimeSocket::thread);

  /// Those that are turned away. To close what they have sent may wait for others.
  private final ThreadPoolExecutor leaving =
      new ThreadPoolExecutor(
          MAX_LEAVING,
          MAX_LEAVING,
          10,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          RuntimeSocket::thread);

  private final MemberPlaces members = new MemberPlaces(MAX_MEMBERS);

  /// Whether [#run] has the socket, and so closes it: its number is not another's before.
  private boolean running;

  private volatile boolean closed;
  private volatile boolean turningAway;

  /// Whether the log has said that there are some.
  private final AtomicBoolean strangePids = new AtomicBoolean();

  /// What is done for clients, each on a thread of its own.
  public record Clients(Predicate<HandOver> attach, Commands commands) {
    /// @param attach begins to answer a listener; whether that was possible
    public static Clients of(Sluice sluice, Predicate<HandOver> attach) {
      return new Clients(attach, new Commands(sluice, attach));
    }
  }

  private RuntimeSocket(int socket, boolean ours, Clients served) {
    this.socket = socket;
    this.ours = ours;
    this.served = served;
    leaving.allowCoreThreadTimeOut(true);
  }

  /// Listens at `path`, in the place of a socket that is there already. Throws [SyscallException]:
  /// EADDRINUSE if something else is there.
  public static RuntimeSocket listen(Path path, Clients served) {
    UnixSocket.removeLeft(path.toString());
    int before = Files.umask(0177);
    try {
      int socket = UnixSocket.listenForStreams(path.toString(), BACKLOG);
      return new RuntimeSocket(socket, true, served);
    } finally {
      Files.umask(before);
    }
  }

  /// Listens at a socket that somebody else has bound, and holds.
  public static RuntimeSocket of(int socket, Clients served) {
    return new RuntimeSocket(socket, false, served);
  }

  private static Thread thread(Runnable task) {
    return Thread.ofPlatform().name("sluice-runtime").daemon(true).unstarted(task);
  }

  /// Takes no container from here on. A socket that is ours is closed, and [#run] returns; at one
  /// that another holds, for whoever comes after us, every client is turned away.
  public void drain() {
    if (ours) {
      close();
    } else {
      turningAway = true;
    }
  }

  /// Accepts until this is closed, and whoever is handing over then has done so.
  public void run(Admission admission) throws InterruptedException {
    if (!begin()) {
      return;
    }
    try {
      accept(admission);
    } finally {
      leave();
    }
    clients.shutdown();
    var _ = clients.awaitTermination(1, TimeUnit.MINUTES); // each has less time
  }

  private synchronized boolean begin() {
    running = !closed;
    return running;
  }

  private synchronized void leave() {
    running = false;
    if (closed) {
      Files.close(socket);
    }
  }

  private void accept(Admission admission) {
    boolean failing = false;
    while (true) {
      int connection = UnixSocket.accept(socket);
      if (connection == -Errno.EINVAL.number()) {
        return; // it is shut down, and nobody is waiting there any more
      }
      if (connection < 0) {
        if (!failing) {
          LOG.warn("accept: {}: whoever wants to hand over waits", Errno.nameOf(-connection));
          failing = true;
        }
        LockSupport.parkNanos(PAUSE_NANOS); // such as EMFILE, which lasts until others have closed
        continue;
      }
      failing = false;
      if (turningAway || closed) {
        LOG.warn("a client is turned away: the agent is being drained");
        turnAway(() -> FromOthers.end(connection));
        continue;
      }
      try {
        take(Client.of(connection, admission.of(connection)));
      } catch (SyscallException e) {
        LOG.warn("a client is turned away: it is not known who it is: {}", e.getMessage());
        turnAway(() -> FromOthers.end(connection));
      }
    }
  }

  private void take(Client client) {
    if (client.standing() == Client.Standing.STRANGER) {
      LOG.warn("{} is no runtime of ours", client);
      turnAway(client::close);
    } else if (client.isMember() && !members.take(client.peer().uid())) {
      LOG.warn(
          "{} clients of members of the group are being served: {} is turned away",
          members.count(),
          client);
      turnAway(client::close);
    } else {
      try {
        clients.execute(() -> serve(client));
      } catch (RejectedExecutionException e) {
        LOG.warn("{} clients have not said what they want: another is turned away", MAX_CLIENTS);
        turnAway(() -> end(client));
      } catch (OutOfMemoryError e) {
        // what the JVM says where there can be no more threads: others will find one again
        LOG.warn("a client is turned away: {}", e.getMessage());
        turnAway(() -> end(client));
      }
    }
  }

  private void turnAway(Runnable end) {
    try {
      leaving.execute(end);
    } catch (OutOfMemoryError e) {
      leaving.getQueue().add(end); // for the next thread that there can be
    }
  }

  private void end(Client client) {
    client.close();
    if (client.isMember()) {
      members.giveBack(client.peer().uid());
    }
  }

  private void serve(Client client) {
    try {
      if (client.isMember() && !Peer.isUnsupervised(client.connection())) {
        LOG.warn("{} is supervised, or it is not known whether it is: it may not ask", client);
        return;
      }
      switch (Request.receive(client.connection())) {
        case HandOver handOver when client.isMember() -> {
          Files.close(handOver.listener());
          LOG.warn("{} may have commands supervised, and hand nothing over", client);
        }
        case HandOver handOver -> {
          var _ = served.attach.test(known(handOver, client)); // it has said why not
        }
        case CommandRequest command -> served.commands.start(command.by(client));
      }
    } catch (IllegalArgumentException | SyscallException e) {
      LOG.warn("a client handed nothing over: {}", e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("a listener is not served", e);
    } finally {
      end(client);
    }
  }

  /// What may be killed is what the runtime means.
  private HandOver known(HandOver handOver, Client client) {
    if (handOver.state().pid() == 0 || client.saysOurPids()) {
      return handOver;
    }
    if (!strangePids.getAndSet(true)) {
      LOG.warn(
          "{} is in another pid namespace, or has ended: which process of ours it calls {} is not"
              + " known, and so for all that it hands over",
          client,
          handOver.state().pid());
    }
    return handOver.withoutPid();
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (ours) {
      UnixSocket.shutdown(socket); // for all who hold it, and for ever
    }
    if (!running) {
      Files.close(socket);
    }
    clients.shutdown();
  }
}
