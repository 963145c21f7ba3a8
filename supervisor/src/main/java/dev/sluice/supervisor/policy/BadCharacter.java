package dev.sluice.supervisor.policy;

import java.util.Optional;

/// What an escape can bring into a text, and no name, path or string of a call can have: NUL, which
/// ends them, and halves of characters, which are no UTF-8.
public final class BadCharacter {
  private BadCharacter() {}

  /// The first of them, such as `U+0000`.
  public static Optional<String> in(String text) {
    return text.codePoints()
        .filter(point -> point == 0 || Character.getType(point) == Character.SURROGATE)
        .mapToObj("U+%04X"::formatted)
        .findFirst();
  }
}
