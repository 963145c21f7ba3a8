package dev.sluice.supervisor.policy;

import java.util.Collections;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;

/// One rule of a policy as it was read.
///
/// @param calls the system calls it is about, groups resolved
/// @param named those of them that stand in the rule by their own name
/// @param implied no call stands in it: it is about those its action is for, as far as they can be
///   performed
/// @param when its condition, a CEL expression; always if there is none
/// @param unsafeContinue `unsafe: continue`: the author accepts a race
public record Rule(
    String name,
    Location location,
    SortedSet<String> calls,
    SortedSet<String> named,
    boolean implied,
    Optional<When> when,
    Action action,
    Optional<Limit> limit,
    Optional<AuditMode> audit,
    boolean unsafeContinue) {

  Rule withCalls(SortedSet<String> others) {
    return new Rule(
        name, location, others, named, implied, when, action, limit, audit, unsafeContinue);
  }

  /// A condition as it stands there.
  ///
  /// @param places of its parts, by their offset in it in code points: the first is 0
  public record When(String expression, NavigableMap<Integer, Location> places) {
    public When {
      places = Collections.unmodifiableNavigableMap(new TreeMap<>(places));
    }

    /// The place of a code point of it.
    public Location locationOf(int offset) {
      var part = places.floorEntry(offset);
      Location begin = part.getValue();
      return new Location(begin.file(), begin.line(), begin.column() + offset - part.getKey());
    }
  }
}
