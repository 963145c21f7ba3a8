/// From a notify fd to an answer: event loop, slots, dispatch, workers.
///
/// On the event loop a call is received, decided and answered without allocating, locking or
/// handing anything to another thread. What could block goes on a worker, with its slot, and comes
/// back.
package dev.sluice.supervisor.listener;
