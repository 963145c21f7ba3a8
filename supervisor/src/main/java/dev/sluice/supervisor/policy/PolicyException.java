package dev.sluice.supervisor.policy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/// A policy that cannot be used, with everything that is wrong with it.
public final class PolicyException extends Exception {
  private static final long serialVersionUID = 1;

  /// Of a file that is no policy at all, nobody reads every complaint.
  private static final int MOST = 100;

  private final transient List<Diagnostic> diagnostics;

  public PolicyException(List<Diagnostic> diagnostics) {
    List<Diagnostic> most = most(diagnostics);
    super(most.stream().map(Diagnostic::toString).collect(Collectors.joining("\n")));
    this.diagnostics = most;
  }

  public List<Diagnostic> diagnostics() {
    return diagnostics;
  }

  private static List<Diagnostic> most(List<Diagnostic> all) {
    if (all.size() <= MOST) {
      return List.copyOf(all);
    }
    var most =
        new ArrayList<>(
            all.stream()
                .sorted(Comparator.comparing(Diagnostic::severity)) // stable: errors first
                .limit(MOST)
                .toList());
    String more = "there are %d complaints more".formatted(all.size() - MOST);
    most.add(Diagnostic.error(most.getLast().location(), more));
    return List.copyOf(most);
  }
}
