package dev.sluice.supervisor.listener;

/// A call that a worker has: it takes long, or waits for something.
///
/// @param tid the thread that called
/// @param rule that decided so far; empty if none did
/// @param waitedNanos since it was received
public record PendingCall(int tid, String syscall, String rule, long waitedNanos) {}
