package dev.sluice.supervisor.listener;

import java.io.IOException;

/// What was kept of the calls of a listener is no journal, and will be none when it is read again.
public final class UnreadableJournalException extends IOException {
  private static final long serialVersionUID = 1;

  UnreadableJournalException(String message) {
    super(message);
  }
}
