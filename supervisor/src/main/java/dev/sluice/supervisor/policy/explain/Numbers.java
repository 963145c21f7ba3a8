package dev.sluice.supervisor.policy.explain;

import dev.sluice.supervisor.policy.Suggestion;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.syscall.Constants;
import java.util.OptionalLong;

/// Numbers as people write them: `42`, `0x1f`, `0644`, `O_WRONLY|O_CREAT`.
final class Numbers {
  private Numbers() {}

  /// Throws [IllegalArgumentException].
  ///
  /// @param what whose value it is
  static long parse(String what, String text, Arch arch) {
    long number = 0;
    for (String word : text.split("\\|", -1)) {
      number |= one(what, word.strip(), arch);
    }
    return number;
  }

  private static long one(String what, String word, Arch arch) {
    OptionalLong constant = Constants.of(word, arch);
    if (constant.isPresent()) {
      return constant.getAsLong();
    }
    try {
      return word.startsWith("0x")
          ? Long.parseUnsignedLong(word.substring(2), 16)
          : Long.decode(word.replace("0o", "0"));
    } catch (NumberFormatException e) {
      String hint =
          word.matches("[A-Z][A-Z0-9_]*") ? Suggestion.didYouMean(word, Constants.names()) : "";
      throw new IllegalArgumentException(
          "'" + what + "' takes numbers and constants such as O_CREAT, not '" + word + "'" + hint,
          e);
    }
  }
}
