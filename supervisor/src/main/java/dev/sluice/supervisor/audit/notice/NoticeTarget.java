package dev.sluice.supervisor.audit.notice;

import java.io.IOException;
import java.util.List;

/// Somebody who is told of records. Called by one thread.
public interface NoticeTarget extends AutoCloseable {
  /// For messages.
  String name();

  /// Tells of some, in order, and returns of how many: of one at least.
  ///
  /// @throws IOException if that can be tried again later
  /// @throws RefusedException if these are not wanted, now or later
  int deliver(List<Notice> notices) throws IOException, InterruptedException;

  /// How many calls were given up of those that [#deliver] has returned. Any thread may ask.
  default long lost() {
    return 0;
  }

  @Override
  default void close() {}

  /// Notices that are given up.
  final class RefusedException extends IOException {
    private static final long serialVersionUID = 1;

    public RefusedException(String message) {
      super(message);
    }
  }
}
