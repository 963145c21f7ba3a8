package dev.sluice.supervisor.policy;

/// Something that is wrong with a policy, or that its author should know: what, where, and what
/// would be right.
///
/// @param message one line, whatever the policy has in the texts it quotes
public record Diagnostic(Severity severity, Location location, String message) {
  public enum Severity {
    ERROR,
    WARNING
  }

  public Diagnostic {
    message = OneLine.of(message);
  }

  public static Diagnostic error(Location location, String message) {
    return new Diagnostic(Severity.ERROR, location, message);
  }

  public static Diagnostic warning(Location location, String message) {
    return new Diagnostic(Severity.WARNING, location, message);
  }

  public boolean isError() {
    return severity == Severity.ERROR;
  }

  /// `policy.yaml:3:5: error: …`
  @Override
  public String toString() {
    return location + ": " + (isError() ? "error" : "warning") + ": " + message;
  }
}
