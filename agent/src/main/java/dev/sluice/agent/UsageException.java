package dev.sluice.agent;

/// Arguments that make no sense, beyond what the parser finds.
final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1;

  UsageException(String message) {
    super(message);
  }
}
