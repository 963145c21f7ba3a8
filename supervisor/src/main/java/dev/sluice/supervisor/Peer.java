package dev.sluice.supervisor;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.Processes;
import dev.sluice.supervisor.kernel.UnixSocket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// Who is at the other end of a Unix socket. What is supervised may run as the same user as its
/// supervisor, but has more filters: nobody can take off a filter. That holds for what descends
/// from the supervisor, and for all if it has none itself ([#ownFilters]). A worker, of whatever
/// supervisor, has connected for somebody who is supervised.
public final class Peer {
  /// What the kernel calls it, by the name of its file.
  private static final String WORKER = "sluice-worker";

  private Peer() {}

  /// Whether it has no more filters than we have, and is no worker. It is looked at through a
  /// pidfd: the number of a process that has ended can come to mean another.
  public static boolean isUnsupervised(int connection) {
    int pidfd = UnixSocket.peerPidfd(connection);
    if (pidfd < 0) {
      return false;
    }
    try {
      int pid = UnixSocket.peer(connection).pid();
      Path process = Path.of("/proc/" + pid);
      boolean free =
          filters(process) <= filters(Path.of("/proc/self"))
              && !status(process, "Name").equals(WORKER);
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

  /// Whether the numbers it has for processes are ours. Not if it has ended: then nobody knows.
  public static boolean sharesPidNamespace(int connection) {
    int pid = UnixSocket.peer(connection).pid();
    if (pid <= 0) {
      return false; // it is in none that we see
    }
    try {
      // one that we see is in our own or in one below that
      return depth(Path.of("/proc/" + pid)) == depth(Path.of("/proc/self"));
    } catch (IOException gone) {
      return false;
    }
  }

  /// In how many pid namespaces a process has a number (`NSpid` of proc(5)): it does not take the
  /// permission to trace it that its link `ns/pid` does.
  private static int depth(Path process) throws IOException {
    return status(process, "NSpid").split("\\s+").length;
  }

  /// How many seccomp filters a process has (`Seccomp_filters` of proc(5), Linux 5.9).
  private static int filters(Path process) throws IOException {
    return Integer.parseInt(status(process, "Seccomp_filters"));
  }

  /// Its name is bytes, such as the first 15 of one in UTF-8, which may end within a character.
  private static String status(Path process, String field) throws IOException {
    Path file = process.resolve("status");
    for (String line : java.nio.file.Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
      if (line.startsWith(field + ":")) {
        return line.substring(field.length() + 1).strip();
      }
    }
    throw new IOException("the kernel does not say " + field);
  }
}
