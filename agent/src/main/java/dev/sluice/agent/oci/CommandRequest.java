package dev.sluice.agent.oci;

import dev.sluice.supervisor.Handed;
import dev.sluice.supervisor.kernel.Sockets;

/// A command that is to be under one of our policies: `sluice run --agent`. What is said of it is
/// what a runtime says of a container, so that it is looked at and kept like one.
///
/// @param text the same as it came
/// @param launcher leads to who is to become the command (native/launch); ours to close
/// @param process a pidfd of the same, which stays its giver's; -1 if there is none
public record CommandRequest(ContainerProcessState state, String text, int launcher, int process)
    implements Request {
  CommandRequest(ContainerProcessState state, String text, int launcher) {
    this(state, text, launcher, -1);
  }

  /// The same as said by who is known to be that process: it knows its own number as its own
  /// namespace has it.
  CommandRequest by(Client client) {
    int pid = client.peer().pid();
    if (!client.isMember()) {
      return new CommandRequest(state.in(pid), text, launcher, client.process());
    }
    ContainerProcessState believed = state.of(client.peer().uid(), pid);
    return new CommandRequest(believed, believed.toJson(), launcher, client.process());
  }

  /// Whether that is a socket of the kind launchers talk at: what others receive and close may be
  /// of other kinds, and wait.
  static boolean mayBeLauncher(int fd) {
    return Sockets.domain(fd) == Sockets.AF_UNIX && Sockets.type(fd) == Sockets.SOCK_SEQPACKET;
  }

  Handed handed() {
    return state.handed(process);
  }

  HandOver withListener(int listener) {
    return new HandOver(state, text, listener, process);
  }
}
