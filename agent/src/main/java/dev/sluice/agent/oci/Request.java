package dev.sluice.agent.oci;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.FromOthers;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.UnixSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What a client of the agent's socket wants.
public sealed interface Request permits HandOver, CommandRequest {
  /// crun connects before it makes the container, and gives up after 5 s.
  Duration PATIENCE = Duration.ofSeconds(10);

  int MAX_STATE = 1 << 20;
  int PIECE = 1 << 16;

  /// Of what a client says, in our log.
  int MAX_SAID = 200;

  /// Receives one: JSON, in as many pieces as the client likes, with descriptors at any of them.
  /// Throws [IllegalArgumentException] saying what is wrong; then nothing stays open.
  static Request receive(int connection) {
    List<Integer> fds = new ArrayList<>();
    try {
      return receive(connection, fds);
    } finally {
      fds.stream().filter(fd -> fd >= 0).forEach(FromOthers::close);
    }
  }

  private static Request receive(int connection, List<Integer> fds) {
    long until = System.nanoTime() + PATIENCE.toNanos();
    var piece = NativeBytes.allocate(PIECE);
    var end = new JsonEnd();
    byte[] state = new byte[PIECE];
    int before = 0;
    int length = -1;
    while (length < 0) {
      Duration left = Duration.ofNanos(until - System.nanoTime());
      UnixSocket.Received received = UnixSocket.receiveWithin(connection, piece, left);
      Arrays.stream(received.fds()).forEach(fds::add);
      if (received.size() <= 0) {
        throw new IllegalArgumentException("after " + before + " bytes: " + ended(received));
      }
      if (before + received.size() > MAX_STATE || fds.size() > UnixSocket.MAX_FDS) {
        throw new IllegalArgumentException("the state has more than 1 MiB or 16 descriptors");
      }
      if (before + received.size() > state.length) {
        state = Arrays.copyOf(state, 2 * state.length);
      }
      piece.get(0, state, before, received.size());
      length = end.find(state, before, before + received.size());
      before += received.size();
    }
    String text = new String(state, 0, length, StandardCharsets.UTF_8);
    return of(ContainerProcessState.parse(state, length), text, fds);
  }

  private static Request of(ContainerProcessState state, String text, List<Integer> fds) {
    int launcher = state.fds().indexOf(ContainerProcessState.LAUNCHER);
    if (launcher >= 0 && launcher < fds.size()) {
      if (!CommandRequest.mayBeLauncher(fds.get(launcher))) {
        throw new IllegalArgumentException("its launcher is no Unix socket of packets");
      }
      return new CommandRequest(state, text, fds.set(launcher, -1)); // not to be closed
    }
    int listener = state.fds().indexOf(ContainerProcessState.SECCOMP_FD);
    if (listener < 0 || listener >= fds.size() || !HandOver.isListener(fds.get(listener))) {
      String names = state.fds().toString();
      throw new IllegalArgumentException(
          "no listener came with it, but "
              + fds.size()
              + " descriptors named "
              + names.substring(0, Math.min(names.length(), MAX_SAID)));
    }
    return new HandOver(state, text, fds.set(listener, -1));
  }

  private static String ended(UnixSocket.Received received) {
    if (received.size() == 0) {
      return "the connection was closed";
    }
    return received.size() == -Errno.EAGAIN.number()
        ? "that is not all of it, and " + PATIENCE.toSeconds() + " s are over"
        : "recvmsg: " + Errno.nameOf(-received.size());
  }
}
