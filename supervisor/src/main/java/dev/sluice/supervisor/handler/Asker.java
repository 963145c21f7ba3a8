package dev.sluice.supervisor.handler;

import java.time.Duration;

/// Who is asked when a policy says `ask`.
@FunctionalInterface
public interface Asker {
  /// Nobody: the answer is no.
  Asker NOBODY = (_, _) -> false;

  /// Whether the answer is yes, within `timeout`. Called on a worker, by several at once.
  boolean ask(String question, Duration timeout);
}
