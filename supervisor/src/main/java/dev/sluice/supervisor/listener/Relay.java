package dev.sluice.supervisor.listener;

import java.util.function.Consumer;

/// Whoever receives the calls of a filter himself and passes each on, such as LXC's monitor. Used
/// on the event loop.
public interface Relay {
  /// What to wait on.
  int descriptor();

  /// Takes the next call, if what came is one. Returns false if there will be no more.
  boolean receive(Consumer<RelayedCall> to);

  /// Takes no more: what is not answered is the relay's own to answer.
  void close();
}
