package dev.sluice.supervisor.audit.alert;

import java.io.IOException;
import java.util.List;

/// Somebody who is told of alerts. Called by one thread.
public interface AlertTarget extends AutoCloseable {
  /// For messages.
  String name();

  /// Tells of some, in order, and returns of how many: of one at least.
  ///
  /// @throws IOException if that can be tried again later
  /// @throws RefusedException if these are not wanted, now or later
  int deliver(List<Alert> alerts) throws IOException, InterruptedException;

  @Override
  default void close() {}

  /// Alerts that are given up.
  final class RefusedException extends IOException {
    private static final long serialVersionUID = 1;

    RefusedException(String message) {
      super(message);
    }
  }
}
