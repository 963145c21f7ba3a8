package dev.sluice.agent.oci;

import dev.sluice.agent.oci.Client.Standing;
import dev.sluice.supervisor.kernel.Processes;
import dev.sluice.supervisor.kernel.UnixSocket;
import java.util.OptionalInt;

/// Who may ask at the agent's socket: root and the agent's user for everything; besides them, if
/// there is a group, its members for commands of their own.
///
/// @param group its number
public record Admission(OptionalInt group) {
  Standing of(int connection) {
    int user = UnixSocket.peer(connection).uid();
    if (user == 0 || user == Processes.geteuid()) {
      return Standing.TRUSTED;
    }
    return group.isPresent() && UnixSocket.isPeerIn(connection, group.getAsInt())
        ? Standing.MEMBER
        : Standing.STRANGER;
  }
}
