package dev.sluice.supervisor;

import dev.sluice.supervisor.kernel.CallThread;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.FromOthers;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.UnixSocket;
import dev.sluice.supervisor.policy.PolicyException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where a running supervisor is told to read its policy again. Whoever it supervises runs as the
/// same user and could connect as well, so it listens only to processes with no more filters than
/// it has itself: nobody can take off a filter. To connect is to ask; nothing is read from anybody,
/// who could keep others waiting.
final class ReloadSocket implements AutoCloseable {
  static final String NAME = "reload";

  /// The most an answer may say.
  static final int MESSAGE_SIZE = 60_000;

  private static final Logger LOG = LoggerFactory.getLogger(ReloadSocket.class);
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final String REFUSAL = "refused: only processes that are not supervised may ask";

  /// Reads the policy again.
  interface Reload {
    void reload() throws PolicyException;
  }

  private final int socket;
  private final Reload reload;
  private volatile boolean closed;

  private ReloadSocket(int socket, Reload reload) {
    this.socket = socket;
    this.reload = reload;
  }

  /// Listens in `directory`.
  static ReloadSocket open(Path directory, Reload reload) {
    int socket = UnixSocket.listen(directory.resolve(NAME).toString(), 16);
    var asked = new ReloadSocket(socket, reload);
    var thread = new CallThread(asked::serve, "sluice-reload");
    thread.setDaemon(true);
    thread.start();
    return asked;
  }

  /// Asks the supervisor that listens in `directory` to read its policy again. Returns what it
  /// says; empty if nobody listens there any more. Throws [SluiceException] if it does not answer
  /// within that time, stopped as it may be.
  static Optional<String> askToReload(Path directory, Duration patience) {
    Path path = directory.resolve(NAME);
    int connection = UnixSocket.connect(path.toString());
    if (connection == -Errno.ECONNREFUSED.number() || connection == -Errno.ENOENT.number()) {
      return Optional.empty();
    }
    if (connection < 0) {
      throw new SluiceException("connect \"" + path + "\": " + Errno.nameOf(-connection));
    }
    try {
      var answer = NativeBytes.allocate(MESSAGE_SIZE);
      int size = UnixSocket.receiveWithin(connection, answer, patience).size();
      if (size == -Errno.EAGAIN.number()) {
        throw new SluiceException(
            "\"" + path + "\": nothing came within " + patience.toSeconds() + " s");
      }
      if (size <= 0) {
        throw new SluiceException("\"" + path + "\": it ended before it answered");
      }
      byte[] bytes = new byte[size];
      answer.get(0, bytes, 0, size);
      return Optional.of(new String(bytes, 1, size - 1, StandardCharsets.UTF_8));
    } finally {
      Files.close(connection);
    }
  }

  private void serve() {
    boolean failing = false;
    while (true) {
      int connection = UnixSocket.accept(socket);
      if (closed) {
        Files.close(connection);
        synchronized (this) { // its number is not another's before it was shut down
          Files.close(socket);
        }
        return;
      }
      if (connection < 0) {
        if (!failing) {
          LOG.warn("accept: {}: whoever wants a reload waits", Errno.nameOf(-connection));
          failing = true;
        }
        LockSupport.parkNanos(PAUSE_NANOS); // such as EMFILE, which lasts until others have closed
        continue;
      }
      failing = false;
      try {
        say(connection, Peer.isUnsupervised(connection) ? reload() : REFUSAL);
      } finally {
        // nothing is read, so that what was sent may be anything
        FromOthers.end(connection);
      }
    }
  }

  /// What is to be said of it: nothing if the policy now decides.
  private String reload() {
    try {
      reload.reload();
      return "";
    } catch (PolicyException e) {
      return String.valueOf(e.getMessage());
    } catch (RuntimeException | Error e) { // a plug-in's, say
      LOG.error("the policy is not read again", e);
      return "sluice: the policy is not read again: " + e;
    }
  }

  /// Begins with a byte that only tells it from the end of the connection.
  private static void say(int connection, String answer) {
    String cut = answer.substring(0, Math.min(answer.length(), MESSAGE_SIZE / 3 - 1));
    byte[] bytes = (" " + cut).getBytes(StandardCharsets.UTF_8);
    // whoever has gone does not want to know
    var _ = UnixSocket.send(connection, NativeBytes.of(bytes), bytes.length);
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      UnixSocket.shutdown(socket);
    }
  }
}
