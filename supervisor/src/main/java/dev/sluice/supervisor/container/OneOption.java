package dev.sluice.supervisor.container;

import java.util.Map;
import java.util.Optional;

/// The options of a handler that knows one.
final class OneOption {
  private OneOption() {}

  /// The value of option `name`, if it is given. Throws [IllegalArgumentException] if another is.
  static Optional<String> of(String name, Map<String, String> options) {
    for (String option : options.keySet()) {
      if (!option.equals(name)) {
        throw new IllegalArgumentException(
            "it takes the option '" + name + "', not '" + option + "'");
      }
    }
    return Optional.ofNullable(options.get(name));
  }
}
