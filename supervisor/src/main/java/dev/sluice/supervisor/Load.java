package dev.sluice.supervisor;

/// What a supervisor is busy with.
///
/// @param busyThreads that have a call which may block
/// @param workerProcesses that there are
/// @param workersStarted since the beginning
/// @param recordsWaiting to be written
/// @param recordsLost since the beginning: on their way, and at each place they go to
public record Load(
    int busyThreads,
    int workerProcesses,
    long workersStarted,
    long recordsWaiting,
    long recordsLost) {}
