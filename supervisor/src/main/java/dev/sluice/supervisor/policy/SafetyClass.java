package dev.sluice.supervisor.policy;

/// How much a decision can be relied on, strongest first.
public enum SafetyClass {
  /// Made by the filter.
  KERNEL,
  /// Made by the supervisor on registers alone, which nobody can change while the call waits.
  REGISTERS,
  /// The supervisor did, or refused, what it had decided on, on copies and on objects it held.
  EMULATED,
  /// As EMULATED, but the kernel executed the call. What it executed was decided on again before
  /// the first instruction of that.
  VERIFIED,
  /// The kernel executed the call after a look at memory, where nothing it could have become is
  /// worth denying.
  FLOORED,
  /// Made on memory that may have changed when the kernel looked again: only with `unsafe:
  /// continue`.
  RACY
}
