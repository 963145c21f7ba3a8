/// What is counted of the calls of a container: without a lock or an allocation on the event loop,
/// in arrays that are read while they are written.
package dev.sluice.supervisor.metrics;
