package dev.sluice.supervisor.audit.log;

import dev.sluice.supervisor.audit.ByteText;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The members of an object, by type. What is missing or of another type throws
/// [IllegalArgumentException].
record Members(Map<String, Object> all) {
  boolean has(String name) {
    return all.containsKey(name);
  }

  String string(String name) {
    return optional(name)
        .orElseThrow(() -> new IllegalArgumentException("'" + name + "' is missing"));
  }

  Optional<String> optional(String name) {
    return switch (all.get(name)) {
      case null -> Optional.empty();
      case String text -> Optional.of(text);
      default -> throw wrong(name, "a text");
    };
  }

  long number(String name) {
    return switch (all.get(name)) {
      case Long number -> number;
      case null -> throw new IllegalArgumentException("'" + name + "' is missing");
      default -> throw wrong(name, "a number");
    };
  }

  boolean truth(String name) {
    return switch (all.get(name)) {
      case Boolean truth -> truth;
      case null -> false;
      default -> throw wrong(name, "true or false");
    };
  }

  Instant time(String name) {
    try {
      Instant time = Instant.parse(string(name));
      var _ = time.toEpochMilli(); // others write it so
      return time;
    } catch (DateTimeException | ArithmeticException e) {
      throw new IllegalArgumentException("'" + name + "' is no time", e);
    }
  }

  /// A number written as `0x…`.
  long hex(String name) {
    return parseHex(name, string(name));
  }

  static long parseHex(String name, Object text) {
    if (text instanceof String hex && hex.startsWith("0x")) {
      return Long.parseUnsignedLong(hex.substring(2), 16);
    }
    throw wrong(name, "a number such as 0x1f");
  }

  /// The exact bytes, which stand under NAME_hex if they are not UTF-8.
  ByteText text(String name) {
    Optional<String> exact = optional(name + "_hex");
    return exact.isPresent()
        ? new ByteText(HexFormat.of().parseHex(exact.get()))
        : ByteText.of(string(name));
  }

  List<?> list(String name) {
    if (all.get(name) instanceof List<?> list) {
      return list;
    }
    throw wrong(name, "a list");
  }

  @SuppressWarnings("unchecked")
  Members object(String name) {
    if (all.get(name) instanceof Map<?, ?> map) {
      return new Members((Map<String, Object>) map);
    }
    throw wrong(name, "an object");
  }

  private static IllegalArgumentException wrong(String name, String what) {
    return new IllegalArgumentException("'" + name + "' is not " + what);
  }
}
