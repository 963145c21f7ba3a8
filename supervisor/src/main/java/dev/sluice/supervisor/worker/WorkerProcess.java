package dev.sluice.supervisor.worker;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.Processes;
import dev.sluice.supervisor.kernel.SyscallException;
import dev.sluice.supervisor.kernel.UnixSocket;
import dev.sluice.supervisor.target.RootDirectory;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// One `sluice-worker`. Used by one thread at a time; any thread may [#kill] or [#interrupt] it.
public final class WorkerProcess implements AutoCloseable {
  private static final int FDS_SIZE = 4;
  private static final int NUMBERS_SIZE = 12 + 4 * UnixSocket.MAX_FDS;
  private static final int REPLY_SIZE = 8 + 8 * Batch.MAX_CALLS;

  private final Process process;
  private final int socket;
  private Optional<RootDirectory> root = Optional.empty();
  private boolean closed;
  private volatile boolean killed;
  private volatile long restsSince;

  /// As large as the largest message and the largest reply so far.
  private NativeBytes request = NativeBytes.allocate(REPLY_SIZE);

  private NativeBytes reply = NativeBytes.allocate(REPLY_SIZE);

  private WorkerProcess(Process process, int socket) {
    this.process = process;
    this.socket = socket;
  }

  /// What the calls of a batch returned.
  ///
  /// @param results of the calls that were made, -errno for one that failed
  /// @param fds what the calls marked for sending opened; ours to close
  public record Reply(long[] results, int[] fds, byte[] blob) {
    /// The result of the last call that was made; -errno if it failed.
    public int last() {
      return (int) results[results.length - 1];
    }

    /// The one descriptor that was asked for, or the -errno of the call that failed.
    public int fd() {
      return fds.length == 1 ? fds[0] : Math.min(last(), -1);
    }
  }

  /// Starts `command`, which connects to `listening`, bound to `socketPath`. Its thread must live
  /// as long as the worker shall (PR_SET_PDEATHSIG).
  static WorkerProcess start(List<String> command, int listening, String socketPath) {
    try {
      var process =
          new ProcessBuilder(command)
              .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      return new WorkerProcess(process, UnixSocket.acceptFrom(process, listening, socketPath));
    } catch (IOException e) {
      throw new UncheckedIOException(command.getFirst(), e);
    }
  }

  /// Its root directory is another than that of who it became, and it has made no call.
  static final class MovedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private MovedException() {
      super("a worker was given another root directory", null, false, false);
    }
  }

  /// What it has for a root directory from now on, unless somebody changes that of all in its mount
  /// namespace (pivot_root(2)).
  void entered(RootDirectory directory) {
    root = Optional.of(directory);
  }

  /// Makes the calls of `batch` and waits for them. Throws [SyscallException] if the worker is
  /// gone, and [MovedException].
  public Reply run(Batch batch) {
    byte[] message = batch.toMessage(root);
    if (request.size() < message.length) {
      request = NativeBytes.allocate(message.length);
    }
    request.put(0, message, 0, message.length);
    if (reply.size() < REPLY_SIZE + batch.blobSize()) {
      reply = NativeBytes.allocate(REPLY_SIZE + (long) batch.blobSize());
    }
    int sent = UnixSocket.send(socket, request, message.length, batch.fds());
    SyscallException.check(sent, "sendmsg", this);
    UnixSocket.Received received = receive(FDS_SIZE);
    int[] fds = received.fds();
    boolean isUnsent = received.size() == NUMBERS_SIZE;
    if (isUnsent) {
      fds = fetch();
    }
    if (received.size() < REPLY_SIZE) {
      received = receiveReply(fds);
    }
    long[] results = new long[reply.getInt(4)];
    if (results.length == 0) {
      throw new MovedException();
    }
    boolean isUnfetched = isUnsent && fds.length == 0;
    Arrays.setAll(results, i -> isUnfetched ? -Errno.EMFILE.number() : reply.getLong(8 + 8L * i));
    byte[] blob = new byte[received.size() - REPLY_SIZE];
    reply.get(REPLY_SIZE, blob, 0, blob.length);
    return new Reply(batch.asked(results), fds, blob);
  }

  /// What could not be sent, as too much is on its way that the same user has sent; nothing if we
  /// may not, as only root may take descriptors of who is not dumpable.
  private int[] fetch() {
    int[] fds = new int[reply.getInt(4)];
    int pidfd = Processes.pidfdOpen(reply.getInt(8) == 0 ? pid() : youngestChild());
    int count = 0;
    while (pidfd >= 0 && count < fds.length) {
      fds[count] = Processes.pidfdGetfd(pidfd, reply.getInt(12 + 4L * count));
      if (fds[count] < 0) {
        break;
      }
      count++;
    }
    if (pidfd >= 0) {
      Files.close(pidfd);
    }
    if (count < fds.length) {
      for (int fd : Arrays.copyOf(fds, count)) {
        Files.close(fd);
      }
      fds = new int[0];
    }
    var fetched = NativeBytes.allocate(FDS_SIZE);
    fetched.putInt(0, Batch.PROTOCOL);
    UnixSocket.send(socket, fetched, FDS_SIZE); // one that has ended is noticed with the reply
    return fds;
  }

  /// -1 if that cannot be told: then there is no such process.
  private int youngestChild() {
    var children = Path.of("/proc/%1$d/task/%1$d/children".formatted(pid()));
    try {
      String[] numbers = java.nio.file.Files.readString(children).strip().split(" ", -1);
      String last = numbers[numbers.length - 1];
      return last.isEmpty() ? -1 : Integer.parseInt(last);
    } catch (IOException e) {
      return -1; // a kernel without CONFIG_PROC_CHILDREN
    }
  }

  /// The reply comes after the descriptors, when the worker has closed its own.
  private UnixSocket.Received receiveReply(int[] fds) {
    try {
      return receive(REPLY_SIZE);
    } catch (SyscallException e) {
      for (int fd : fds) {
        Files.close(fd);
      }
      throw e;
    }
  }

  private UnixSocket.Received receive(int atLeast) {
    UnixSocket.Received received = UnixSocket.receive(socket, reply);
    if (received.size() < atLeast || reply.getInt(0) != Batch.PROTOCOL) {
      int errno = received.size() < 0 ? -received.size() : Errno.EPIPE.number();
      throw new SyscallException("recvmsg", toString(), errno);
    }
    return received;
  }

  /// Ends it at once, and with it whatever call it is in; but not one that not even SIGKILL ends,
  /// as where a FUSE server has taken a request and does not answer. Nobody waits for that one.
  public void kill() {
    killed = true;
    process.destroyForcibly();
    synchronized (this) {
      if (!closed) { // else the number may mean another's by now
        UnixSocket.shutdown(socket);
      }
    }
  }

  /// Of one that has been killed in between two calls.
  void awaitEnd() {
    process.onExit().join();
  }

  /// Has `action` run once there is no such process any more.
  void onExit(Runnable action) {
    var _ = process.onExit().thenRun(action);
  }

  /// Interrupts the call it is in: that fails with EINTR if it waits. In between two calls it does
  /// nothing.
  void interrupt() {
    if (process.isAlive()) {
      Processes.tgkill(pid(), pid(), Processes.SIGUSR1);
    }
  }

  int pid() {
    return (int) process.pid();
  }

  /// Nobody uses it from now on, for a while.
  void rest() {
    restsSince = System.nanoTime();
  }

  /// Whether the last [#rest] began so many nanoseconds ago.
  boolean hasRested(long nanos) {
    return System.nanoTime() - restsSince >= nanos;
  }

  /// A process is there for a while after it has been killed.
  boolean isAlive() {
    return !killed && process.isAlive();
  }

  boolean isKilled() {
    return killed;
  }

  @Override
  public void close() {
    kill();
    synchronized (this) {
      if (!closed) {
        closed = true;
        Files.close(socket);
      }
    }
  }

  @Override
  public String toString() {
    return "sluice-worker " + process.pid();
  }
}
