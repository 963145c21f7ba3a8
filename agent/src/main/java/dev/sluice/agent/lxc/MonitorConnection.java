package dev.sluice.agent.lxc;

import dev.sluice.agent.oci.HandOver;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.UnixSocket;
import dev.sluice.supervisor.listener.Relay;
import dev.sluice.supervisor.listener.RelayedCall;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The connection of a monitor. It sends one call at a time, and waits 30 s for what to answer: for
/// longer than that it must not be kept, as it would take a late answer for that of the next call.
final class MonitorConnection implements Relay {
  private static final Logger LOG = LoggerFactory.getLogger(MonitorConnection.class);

  /// Descriptors of the caller's /proc/PID and /proc/PID/mem come first.
  private static final int LISTENER = 2;

  private static final int FDS = 3;

  private final int socket;
  private final UnixSocket.Peer peer;
  private final NativeBytes packet =
      NativeBytes.allocate(ProxyMessage.SIZE + ProxyMessage.MAX_COOKIE);

  /// What its first call said, which none may contradict.
  private @Nullable ProxyMessage known;

  private String complaint = "";
  private boolean closed;

  /// @param socket ours to close
  MonitorConnection(int socket, UnixSocket.Peer peer) {
    this.socket = socket;
    this.peer = peer;
  }

  @Override
  public int descriptor() {
    return socket;
  }

  /// What the first call says, which stays to be received; empty if what came was none.
  Optional<ProxyMessage> look() {
    int size = UnixSocket.peek(socket, packet);
    if (size <= 0) {
      return Optional.empty();
    }
    try {
      known = ProxyMessage.read(packet, size, peer);
      return Optional.of(known);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  @Override
  public boolean receive(Consumer<RelayedCall> to) {
    UnixSocket.Received received = UnixSocket.receiveNow(socket, packet);
    if (received.size() == -Errno.EAGAIN.number()) {
      return true;
    }
    if (received.size() <= 0 && received.size() != -Errno.EMSGSIZE.number()) {
      return false;
    }
    int[] fds = received.fds();
    RelayedCall call = null;
    try {
      call = call(received);
    } catch (IllegalArgumentException e) {
      refuse(String.valueOf(e.getMessage()));
    } finally {
      for (int i = 0; i < fds.length; i++) {
        if (call == null || i != LISTENER) {
          Files.close(fds[i]);
        }
      }
    }
    if (call != null) {
      to.accept(call);
    }
    return true;
  }

  private RelayedCall call(UnixSocket.Received received) {
    if (received.size() < 0) {
      throw new IllegalArgumentException(
          "it has more than %d bytes, or %d descriptors"
              .formatted(packet.size(), UnixSocket.MAX_FDS));
    }
    ProxyMessage message = ProxyMessage.read(packet, received.size(), peer);
    if (known != null && !message.equals(known)) {
      throw new IllegalArgumentException("it is of another container than the call before");
    }
    int[] fds = received.fds();
    if (fds.length == LISTENER) {
      throw new IllegalArgumentException("no listener came with it: LXC before 4.0.5 sends none");
    }
    if (fds.length != FDS || !HandOver.isListener(fds[LISTENER])) {
      throw new IllegalArgumentException(
          "it came with " + fds.length + " descriptors, of which the third is to be a listener");
    }
    return new ProxiedCall(this, fds[LISTENER], packet);
  }

  /// An answer of no length has the monitor answer ENOSYS at once. What is always wrong is said
  /// once.
  private void refuse(String reason) {
    if (!reason.equals(complaint)) {
      LOG.warn("a call that process {} passed on is not served: {}", peer.pid(), reason);
      complaint = reason;
    }
    send(packet, 0);
  }

  /// Returns 0, or -errno.
  synchronized int send(NativeBytes bytes, int size) {
    if (closed) {
      return -Errno.EPIPE.number();
    }
    int sent = UnixSocket.sendNow(socket, bytes, size);
    return Math.min(sent, 0);
  }

  /// The monitor answers ENOSYS to what it waits for, and connects again for the next call.
  synchronized void hangUp() {
    if (!closed) {
      UnixSocket.shutdown(socket);
    }
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      Files.close(socket);
    }
  }
}
