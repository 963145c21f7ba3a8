package dev.sluice.agent.lxc;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.Processes;
import dev.sluice.supervisor.kernel.SyscallException;
import dev.sluice.supervisor.kernel.UnixSocket;
import dev.sluice.supervisor.listener.EventLoop;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The socket of `lxc.seccomp.notify.proxy`. Monitors connect when they start a container; whose it
/// is, and under which policy, is known with its first call. Until then they are waited for here,
/// by one thread for all.
public final class MonitorSocket implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MonitorSocket.class);
  private static final int BACKLOG = 4096;
  private static final long PAUSE_MILLIS = 100;

  private final int socket;
  private final LxcContainers containers;
  private final EventLoop loop = new EventLoop("sluice-monitors");

  /// Those that have made no call yet; on the loop.
  private final Set<Idle> idle = new HashSet<>();

  private EventLoop.@Nullable Watched accepting;
  private boolean failing;

  private final class Idle {
    private final MonitorConnection connection;
    private final EventLoop.Watched watched;

    Idle(MonitorConnection connection) {
      this.connection = connection;
      this.watched = loop.watch(connection.descriptor(), (_, _) -> first(this));
    }

    void end() {
      watched.cancel();
      idle.remove(this);
    }
  }

  private MonitorSocket(int socket, LxcContainers containers) {
    this.socket = socket;
    this.containers = containers;
    loop.execute(() -> accepting = loop.watch(socket, (_, _) -> accept()));
  }

  /// Listens at `path`, in the place of a socket that is there already. Throws [SyscallException]:
  /// EADDRINUSE if something else is there.
  public static MonitorSocket listen(Path path, LxcContainers containers) {
    UnixSocket.removeLeft(path.toString());
    int before = Files.umask(0177);
    try {
      return new MonitorSocket(UnixSocket.listen(path.toString(), BACKLOG), containers);
    } finally {
      Files.umask(before);
    }
  }

  private void accept() {
    int connection = UnixSocket.accept(socket);
    if (connection < 0) {
      if (!failing) {
        LOG.warn("accept: {}: monitors wait", Errno.nameOf(-connection));
        failing = true;
      }
      pause(); // such as EMFILE, which lasts until others have closed
      return;
    }
    failing = false;
    UnixSocket.Peer peer = UnixSocket.peer(connection);
    if (peer.uid() != 0 && peer.uid() != Processes.geteuid()) {
      LOG.warn("process {} of user {} is no monitor of ours", peer.pid(), peer.uid());
      Files.close(connection);
      return;
    }
    idle.add(new Idle(new MonitorConnection(connection, peer)));
  }

  private void pause() {
    if (accepting != null) {
      accepting.pause();
      loop.schedule(this::resume, PAUSE_MILLIS);
    }
  }

  private void resume() {
    if (accepting != null) {
      accepting.resume();
    }
  }

  private void first(Idle from) {
    Optional<ProxyMessage> message = from.connection.look();
    if (message.isPresent()) {
      from.end();
      containers.attach(from.connection, message.get());
    } else if (!from.connection.receive(call -> call.giveUp())) {
      from.end();
      from.connection.close();
    }
  }

  /// Serves no monitor more from here on; those that have made a call are served as before.
  public void drain() {
    loop.await(this::stop);
  }

  private void stop() {
    if (accepting == null) {
      return;
    }
    accepting.cancel();
    accepting = null;
    Files.close(socket);
    for (Idle each : Set.copyOf(idle)) {
      each.end();
      each.connection.close();
    }
  }

  @Override
  public void close() {
    drain();
    loop.close();
  }
}
