package dev.sluice.supervisor;

import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.SyscallException;
import dev.sluice.supervisor.kernel.UnixSocket;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Starts commands through `sluice-launch`, which says at this socket that it is ready to install a
/// filter.
final class LaunchSocket implements AutoCloseable {
  /// @param connection to the launcher, whose process becomes the command
  record Launched(Process process, int connection) {}

  private static final int NONE = -1;
  private static final int CLOSED = -2;

  private final Path program;
  private final String path;
  private volatile int socket = NONE;

  /// @param path where it is bound, when the first command is started
  LaunchSocket(Path program, Path path) {
    this.program = program;
    this.path = path.toString();
  }

  /// @throws IOException if no process can be started, or it ends before it says that it is ready
  synchronized Launched start(ProcessBuilder builder) throws IOException {
    if (socket == CLOSED) {
      throw new IOException("the supervisor is closed");
    }
    if (socket == NONE) {
      socket = UnixSocket.listen(path, 16);
    }
    List<String> command = builder.command();
    if (command.isEmpty()) {
      throw new IOException("there is no command");
    }
    var launched = new ArrayList<>(command);
    launched.addAll(0, List.of(program.toString(), path));
    Process process;
    try {
      process = builder.command(launched).start();
    } finally {
      builder.command(command);
    }
    try {
      return new Launched(process, UnixSocket.acceptFrom(process, socket, path));
    } catch (SyscallException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    int fd = socket;
    socket = CLOSED;
    if (fd >= 0) {
      Files.close(fd);
    }
  }
}
