package dev.sluice.supervisor.target;

/// The signals that wait for a thread, as sets of bits.
///
/// @param own that were sent to the thread
/// @param shared that were sent to its process: one of its threads has been chosen to take them
/// @param refused that it blocks or ignores
public record PendingSignals(long own, long shared, long refused) {
  public boolean hasOwn() {
    return (own & ~refused) != 0;
  }

  public boolean hasShared() {
    return (shared & ~refused) != 0;
  }

  /// Whether some that this thread takes would not be given to the first thread, which the kernel
  /// prefers.
  public boolean hasSharedBeside(PendingSignals first) {
    return (shared & ~refused & first.refused) != 0;
  }
}
