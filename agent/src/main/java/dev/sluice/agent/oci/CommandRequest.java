package dev.sluice.agent.oci;

/// A command that is to be under one of our policies: `sluice run --agent`. What is said of it is
/// what a runtime says of a container, so that it is looked at and kept like one.
///
/// @param text the same as it came
/// @param launcher leads to who is to become the command (native/launch); ours to close
public record CommandRequest(ContainerProcessState state, String text, int launcher)
    implements Request {
  /// The same as said by who is known to be that process: it knows its own number as its own
  /// namespace has it.
  CommandRequest by(int pid) {
    return new CommandRequest(state.in(pid), text, launcher);
  }
}
