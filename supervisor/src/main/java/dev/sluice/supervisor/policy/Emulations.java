package dev.sluice.supervisor.policy;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The emulations a policy can be compiled with.
public interface Emulations {
  /// The names a policy may use in `emulate:`.
  Set<String> names();

  /// The calls the emulation of that name serves; empty if there is none of that name.
  Optional<Set<String>> callsOf(String name);

  /// The emulation of that name with the options a rule gives. Throws [IllegalArgumentException]
  /// saying what is wrong with them.
  Emulation create(String name, Map<String, String> options);

  /// What performs a call exactly as the kernel would, on what was looked at when it was decided.
  Optional<Emulation> performerOf(String call);

  /// Asks somebody, and lets the call take place on a yes; otherwise it fails as `ask` says.
  Emulation asking(Action.Ask ask);

  /// Gives a file this content; it cannot be changed.
  Emulation serving(Template content);

  /// Lists directories, but for the names that are hidden.
  Emulation listing(HiddenNames hidden);
}
