package dev.sluice.supervisor;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.Processes;
import dev.sluice.supervisor.kernel.UnixSocket;
import java.io.IOException;
import java.nio.file.Path;

/// Who is at the other end of a Unix socket. What is supervised may run as the same user as its
/// supervisor, but has more filters: nobody can take off a filter. That holds for what descends
/// from the supervisor, and for all if it has none itself ([#ownFilters]).
public final class Peer {
  private Peer() {}

  /// Whether it has no more filters than we have. It is looked at through a pidfd: the number of a
  /// process that has ended can come to mean another.
  public static boolean isUnsupervised(int connection) {
    int pidfd = UnixSocket.peerPidfd(connection);
    if (pidfd < 0) {
      return false;
    }
    try {
      int pid = UnixSocket.peer(connection).pid();
      boolean free = filters(Path.of("/proc/" + pid)) <= filters(Path.of("/proc/self"));
      // where we may not signal it, it is there (EPERM)
      return free && Processes.pidfdSendSignal(pidfd, 0) != -Errno.ESRCH.number();
    } catch (IOException gone) {
      return false;
    } finally {
      Files.close(pidfd);
    }
  }

  /// How many filters we have ourselves. Whoever we have started has them too; but what somebody
  /// else has started may be supervised with no more than these.
  public static int ownFilters() {
    try {
      return filters(Path.of("/proc/self"));
    } catch (IOException e) {
      throw new SluiceException("/proc/self/status: " + e.getMessage(), e);
    }
  }

  /// How many seccomp filters a process has (`Seccomp_filters` of proc(5), Linux 5.9).
  private static int filters(Path process) throws IOException {
    for (String line : java.nio.file.Files.readAllLines(process.resolve("status"))) {
      if (line.startsWith("Seccomp_filters:")) {
        return Integer.parseInt(line.substring(line.indexOf(':') + 1).strip());
      }
    }
    throw new IOException("the kernel does not count filters");
  }
}
