package dev.sluice.supervisor.listener;

import java.io.IOException;

/// What was kept of the calls of a listener is nothing that one of us can have written, nor will
/// be.
public final class UnreadableJournalException extends IOException {
  private static final long serialVersionUID = 1;

  UnreadableJournalException(String message) {
    super(message);
  }
}
