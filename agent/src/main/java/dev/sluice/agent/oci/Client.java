package dev.sluice.agent.oci;

import dev.sluice.supervisor.Peer;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.FromOthers;
import dev.sluice.supervisor.kernel.UnixSocket;

/// Who has connected to the agent's socket, and may ask something.
///
/// @param connection ours to close
/// @param process a pidfd of it; negative if there is none, as before Linux 6.5
/// @param saysOurPids whether the numbers that it has for processes are known to be ours
record Client(
    int connection, UnixSocket.Peer peer, Standing standing, int process, boolean saysOurPids)
    implements AutoCloseable {
  enum Standing {
    /// May do all that a runtime may.
    TRUSTED,
    /// May have commands of its own supervised.
    MEMBER,
    STRANGER
  }

  static Client of(int connection, Standing standing) {
    return new Client(
        connection,
        UnixSocket.peer(connection),
        standing,
        UnixSocket.peerPidfd(connection),
        // it may end as soon as it has handed over; the others hand over nothing
        standing == Standing.TRUSTED && Peer.sharesPidNamespace(connection));
  }

  boolean isMember() {
    return standing == Standing.MEMBER;
  }

  @Override
  public String toString() {
    return "process " + peer.pid() + " of user " + Integer.toUnsignedString(peer.uid());
  }

  @Override
  public void close() {
    if (process >= 0) {
      Files.close(process);
    }
    FromOthers.end(connection);
  }
}
