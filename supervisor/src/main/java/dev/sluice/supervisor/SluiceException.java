package dev.sluice.supervisor;

/// Something that keeps Sluice from working here, in words for its user.
public final class SluiceException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public SluiceException(String message) {
    super(message);
  }

  public SluiceException(String message, Throwable cause) {
    super(message, cause);
  }
}
