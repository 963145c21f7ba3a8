package dev.sluice.agent.terminal;

/// Arguments that make no sense, beyond what the parser finds.
public final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public UsageException(String message) {
    super(message);
  }
}
