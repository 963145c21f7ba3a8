package dev.sluice.supervisor.policy;

import java.util.List;
import java.util.stream.Collectors;

/// A policy that cannot be used, with everything that is wrong with it.
public final class PolicyException extends Exception {
  private static final long serialVersionUID = 1;

  private final transient List<Diagnostic> diagnostics;

  public PolicyException(List<Diagnostic> diagnostics) {
    super(diagnostics.stream().map(Diagnostic::toString).collect(Collectors.joining("\n")));
    this.diagnostics = List.copyOf(diagnostics);
  }

  public List<Diagnostic> diagnostics() {
    return diagnostics;
  }
}
