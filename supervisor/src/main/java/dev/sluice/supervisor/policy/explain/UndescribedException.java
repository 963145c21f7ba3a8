package dev.sluice.supervisor.policy.explain;

/// What decides a call was not said of it.
public final class UndescribedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String missing;

  UndescribedException(String missing, String message) {
    super(message);
    this.missing = missing;
  }

  /// @param missing as in [#missing]
  public static UndescribedException of(String missing) {
    return new UndescribedException(
        missing, "the verdict depends on " + missing + ", which was not said");
  }

  /// What was not said: a name of conditions, such as `path` or `task.uid`. Empty if the message
  /// says what to do.
  public String missing() {
    return missing;
  }
}
