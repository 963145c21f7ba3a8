package dev.sluice.supervisor.policy;

import java.util.Optional;
import java.util.SortedSet;

/// One rule of a policy as it was read.
///
/// @param calls the system calls it is about, groups resolved
/// @param named those of them that stand in the rule by their own name
/// @param when its condition, a CEL expression; always if there is none
/// @param unsafeContinue `unsafe: continue`: the author accepts a race
public record Rule(
    String name,
    Location location,
    SortedSet<String> calls,
    SortedSet<String> named,
    Optional<When> when,
    Action action,
    Optional<AuditMode> audit,
    boolean unsafeContinue) {

  /// A condition as it stands there.
  ///
  /// @param location of its first character
  public record When(String expression, Location location) {}
}
