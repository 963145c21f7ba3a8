package dev.sluice.supervisor.policy.oci;

import dev.sluice.supervisor.policy.Diagnostic;
import dev.sluice.supervisor.policy.Location;
import dev.sluice.supervisor.policy.Suggestion;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/// The members of a JSON object, asked for by key and type. What is not as it should be becomes a
/// diagnostic, and is absent; so is `null`.
final class Members {
  private static final Pattern WHOLE = Pattern.compile("-?[0-9]+");

  private final Json.Struct object;
  private final List<Diagnostic> diagnostics;

  Members(Json.Struct object, List<Diagnostic> diagnostics) {
    this.object = object;
    this.diagnostics = diagnostics;
  }

  /// The members of a value that must be an object.
  static Optional<Members> of(Json value, String what, List<Diagnostic> diagnostics) {
    if (value instanceof Json.Struct object) {
      return Optional.of(new Members(object, diagnostics));
    }
    diagnostics.add(
        Diagnostic.error(value.location(), what + " must be an object, not " + value.describe()));
    return Optional.empty();
  }

  Location location() {
    return object.location();
  }

  boolean has(String key) {
    return value(key).isPresent();
  }

  /// The place of the value of a key that is there.
  Location locationOf(String key) {
    return Objects.requireNonNull(object.members().get(key)).value().location();
  }

  Location locationOfKey(String key) {
    return Objects.requireNonNull(object.members().get(key)).key();
  }

  Optional<Json> value(String key) {
    return Optional.ofNullable(object.members().get(key))
        .map(Json.Member::value)
        .filter(value -> !(value instanceof Json.Word word && word.isNull()));
  }

  void error(Location at, String message) {
    diagnostics.add(Diagnostic.error(at, message));
  }

  /// Warns of every key that is none of `known`: runtimes ignore them.
  void expectKeys(String what, List<String> known) {
    object
        .members()
        .forEach((key, member) -> {
          Optional<String> inAnotherCase =
              known.stream().filter(each -> each.equalsIgnoreCase(key)).findFirst();
          if (!known.contains(key) && inAnotherCase.isPresent()) {
            diagnostics.add(
                Diagnostic.error(
                    member.key(),
                    "runtimes take '" + key + "' for '" + inAnotherCase.get() + "': write it so"));
          } else if (!known.contains(key)) {
            String hint =
                Suggestion.closest(key, known)
                    .map(word -> "; did you mean '" + word + "'?")
                    .orElse("; it takes " + String.join(", ", known));
            diagnostics.add(
                Diagnostic.warning(
                    member.key(), "unknown key '" + key + "' in " + what + " is ignored" + hint));
          }
        });
  }

  Optional<String> text(String key) {
    return value(key).flatMap(value -> text(value, "'" + key + "'"));
  }

  private Optional<String> text(Json value, String what) {
    if (value instanceof Json.Text text) {
      return Optional.of(text.value());
    }
    error(value.location(), what + " must be a text, not " + value.describe());
    return Optional.empty();
  }

  /// A whole number from 0 to `max`, which is unsigned.
  Optional<Long> number(String key, long max) {
    return value(key).flatMap(value -> number(key, value, max));
  }

  private Optional<Long> number(String key, Json value, long max) {
    if (value instanceof Json.Numeral(Location _, String digits)
        && WHOLE.matcher(digits).matches()
        && digits.length() <= 20) {
      var number = new BigInteger(digits);
      if (number.signum() >= 0
          && number.compareTo(new BigInteger(Long.toUnsignedString(max))) <= 0) {
        return Optional.of(number.longValue());
      }
    }
    error(
        value.location(),
        "'"
            + key
            + "' must be a whole number from 0 to "
            + Long.toUnsignedString(max)
            + ", not "
            + value.describe());
    return Optional.empty();
  }

  Optional<Members> object(String key) {
    return value(key).flatMap(value -> of(value, "'" + key + "'", diagnostics));
  }

  boolean isEmptyList(String key) {
    return value(key)
        .filter(value -> value instanceof Json.Array(_, var items) && items.isEmpty())
        .isPresent();
  }

  List<Json> list(String key) {
    Optional<Json> value = value(key);
    if (value.isEmpty()) {
      return List.of();
    }
    if (value.get() instanceof Json.Array array) {
      return array.items();
    }
    error(value.get().location(), "'" + key + "' must be a list, not " + value.get().describe());
    return List.of();
  }

  List<Members> objects(String key) {
    return list(key).stream()
        .map(item -> of(item, "each of '" + key + "'", diagnostics))
        .flatMap(Optional::stream)
        .toList();
  }

  /// The texts of a list, each with its place.
  List<Json.Text> texts(String key) {
    var texts = new ArrayList<Json.Text>();
    for (Json item : list(key)) {
      text(item, "each of '" + key + "'")
          .ifPresent(text -> texts.add(new Json.Text(item.location(), text)));
    }
    return texts;
  }
}
