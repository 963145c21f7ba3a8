package dev.sluice.agent.oci;

import dev.sluice.supervisor.Handed;
import dev.sluice.supervisor.kernel.Descriptors;
import java.nio.charset.StandardCharsets;

/// A listener, and whose it is.
///
/// @param text what the runtime said
/// @param listener ours to close
/// @param process a pidfd of the process it is of, which stays its giver's; -1 if there is none
public record HandOver(ContainerProcessState state, String text, int listener, int process)
    implements Request {
  HandOver(ContainerProcessState state, String text, int listener) {
    this(state, text, listener, -1);
  }

  /// One that was received before, by somebody who has ended. Throws [IllegalArgumentException].
  public static HandOver again(String text, int listener) {
    byte[] json = text.getBytes(StandardCharsets.UTF_8);
    return new HandOver(ContainerProcessState.parse(json, json.length), text, listener);
  }

  /// The same without its process: its number may be that of another here.
  HandOver withoutPid() {
    return new HandOver(state.in(0), text, listener, process);
  }

  /// What the supervisor is to know.
  public Handed handed() {
    return state.handed(process);
  }

  /// Whether that is a notify fd.
  public static boolean isListener(int fd) {
    int length = Descriptors.readLink(fd);
    if (length < 0) {
      return false;
    }
    var name = new byte[length];
    Descriptors.link().get(0, name, 0, length);
    return new String(name, StandardCharsets.US_ASCII).equals("anon_inode:seccomp notify");
  }
}
