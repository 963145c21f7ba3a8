package dev.sluice.supervisor.listener;

/// What became of a call that somebody before us had received.
public enum Recovered {
  /// Nothing had been done for it: it was decided as if it had just come.
  REPEATED,
  /// Something had: whoever performs it went on from there.
  RESUMED,
  /// All had: its result was known.
  ANSWERED,
  /// It was not known what had been done, and it failed with EIO.
  FAILED
}
