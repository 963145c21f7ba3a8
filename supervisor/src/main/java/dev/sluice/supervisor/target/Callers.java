package dev.sluice.supervisor.target;

/// Where a call learns who makes it.
public interface Callers {
  /// The thread that made `call`, in use until it is released. Throws [Abort].
  Task acquire(Call call);

  void release(Task task);

  /// Whether the number of the caller of `call` can come to mean another program before the event
  /// loop, on which this is asked, hears of that: of an execve(2), which a thread may call that is
  /// not the first of its process, and takes on the number of that.
  boolean mayBeReplaced(Call call);

  /// Who makes calls for the caller of `call`: as it, and where it is.
  Syscalls syscallsFor(Call call);

  /// The same for calls that may never come back, unless they are cancelled.
  Syscalls patientSyscallsFor(Call call);

  /// The same with these capabilities in our user namespace ([Identity#privilegedBy]).
  Syscalls privilegedSyscallsFor(Call call, long capabilities);
}
