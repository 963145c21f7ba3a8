package dev.sluice.supervisor.target;

/// What the rules of a policy may ask of a call: of one that waits in the kernel ([Call]), or of
/// one that is only described.
///
/// Methods that look beyond the registers may throw [Abort].
public interface CallView {
  /// A register as it is; of a 32-bit ABI its lower half, whatever a 64-bit program that calls by
  /// `int 0x80` has in the upper one.
  long arg(int index);

  /// Where the `index`th path leads: absolute, without links, `.` or `..`.
  Text canonicalPath(int index);

  /// The string that register `index` points to; empty if it is NULL.
  Text string(int index);

  /// `flags` of `struct open_how` (openat2(2)).
  long openFlags();

  /// `mode` of the same.
  long openMode();

  /// The address it gives a socket; without one, if it sends on a connected socket.
  SocketAddress address();

  /// Where the path of that address leads, or an abstract name behind an `@`; empty if it is
  /// another family's.
  Text addressPath();

  /// The caller's working directory at this moment, from the root of the supervisor. Another thread
  /// of its process can change it at any time.
  Text workingDirectory();

  /// Who calls.
  TaskView task();

  /// Whether `pid`, as the caller counts, is a thread of the supervisor or of one of its programs.
  /// Whoever describes a call means others.
  default boolean isOfSupervisor(int pid) {
    return false;
  }
}
