package dev.sluice.supervisor.target;

import org.jspecify.annotations.Nullable;

/// Who makes calls for the caller of a call; looked for when first asked.
final class Makers {
  private final Call call;
  private final KeptSyscalls kept;
  private @Nullable Syscalls prompt;
  private @Nullable Syscalls patient;

  Makers(Call call) {
    this.call = call;
    this.kept = new KeptSyscalls(call);
  }

  /// The call is over.
  void end() {
    prompt = null;
    patient = null;
  }

  /// For calls that come back at once.
  Syscalls prompt() {
    if (prompt == null) {
      Syscalls found = call.callers().syscallsFor(call);
      prompt = found.isInline() && call.progress().isKept() ? kept : found;
    }
    return prompt;
  }

  /// For those that may never come back.
  Syscalls patient() {
    if (patient == null) {
      patient = call.callers().patientSyscallsFor(call);
    }
    return patient;
  }

  /// For those about what `path` leads to. Throws [Abort#WOULD_BLOCK] on the event loop if they may
  /// wait.
  Syscalls forPath(PathArgument path) {
    boolean isPrompt = path.filesystem(call) != Filesystems.Kind.SLOW;
    if (!isPrompt && !call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    return isPrompt && !path.isForeign() ? prompt() : patient();
  }

  /// Whether this number in /proc is that of one of them: of us, as whoever looks for the paths of
  /// the call.
  boolean areOf(int pid) {
    return prompt().isMadeBy(pid) || areWorkers(pid);
  }

  /// Whether it is one of the patient ones.
  boolean areWorkers(int pid) {
    return patient != null && patient.isMadeBy(pid);
  }
}
