package dev.sluice.supervisor;

/// What a supervisor is busy with.
///
/// @param busyThreads that have a call which may block
/// @param workerProcesses that there are
/// @param workersStarted since the beginning
/// @param recordsWaiting to be written
/// @param recordsLost since the beginning, for want of room
public record Load(
    int busyThreads,
    int workerProcesses,
    long workersStarted,
    long recordsWaiting,
    long recordsLost) {}
