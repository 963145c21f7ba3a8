package dev.sluice.agent.oci;

import dev.sluice.supervisor.kernel.Descriptors;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.UnixSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A listener, and whose it is.
///
/// @param text what the runtime said
/// @param listener ours to close
public record HandOver(ContainerProcessState state, String text, int listener) {
  /// crun connects before it makes the container, and gives up after 5 s.
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final int MAX_STATE = 1 << 20;
  private static final int PIECE = 1 << 16;

  /// SO_RCVTIMEO counts in microseconds.
  private static final long LEAST_NANOS = 1_000;

  /// One that was received before, by somebody who has ended. Throws [IllegalArgumentException].
  public static HandOver again(String text, int listener) {
    byte[] json = text.getBytes(StandardCharsets.UTF_8);
    return new HandOver(ContainerProcessState.parse(json, json.length), text, listener);
  }

  /// Receives one from a runtime: JSON, in as many pieces as it likes, with descriptors at any of
  /// them. Throws [IllegalArgumentException] saying what is wrong; then nothing stays open.
  static HandOver receive(int connection) {
    List<Integer> fds = new ArrayList<>();
    try {
      return receive(connection, fds);
    } finally {
      fds.stream().filter(fd -> fd >= 0).forEach(Files::close);
    }
  }

  private static HandOver receive(int connection, List<Integer> fds) {
    long until = System.nanoTime() + PATIENCE.toNanos();
    var piece = NativeBytes.allocate(PIECE);
    var end = new JsonEnd();
    byte[] state = new byte[PIECE];
    int before = 0;
    int length = -1;
    while (length < 0) {
      long left = Math.max(until - System.nanoTime(), LEAST_NANOS); // 0 would be for ever
      UnixSocket.receiveWithin(connection, Duration.ofNanos(left));
      UnixSocket.Received received = UnixSocket.receive(connection, piece);
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
    var parsed = ContainerProcessState.parse(state, length);
    int index = parsed.fds().indexOf(ContainerProcessState.SECCOMP_FD);
    if (index < 0 || index >= fds.size() || !isListener(fds.get(index))) {
      throw new IllegalArgumentException(
          "no listener came with it, but " + fds.size() + " descriptors named " + parsed.fds());
    }
    int listener = fds.get(index);
    fds.set(index, -1); // not to be closed
    return new HandOver(parsed, new String(state, 0, length, StandardCharsets.UTF_8), listener);
  }

  private static String ended(UnixSocket.Received received) {
    if (received.size() == 0) {
      return "the connection was closed";
    }
    return received.size() == -Errno.EAGAIN.number()
        ? "that is not all of it, and " + PATIENCE.toSeconds() + " s are over"
        : "recvmsg: " + Errno.nameOf(-received.size());
  }

  private static boolean isListener(int fd) {
    int length = Descriptors.readLink(fd);
    if (length < 0) {
      return false;
    }
    var name = new byte[length];
    Descriptors.link().get(0, name, 0, length);
    return new String(name, StandardCharsets.US_ASCII).equals("anon_inode:seccomp notify");
  }
}
