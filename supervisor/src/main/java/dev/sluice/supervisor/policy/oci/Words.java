package dev.sluice.supervisor.policy.oci;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.policy.Location;
import dev.sluice.supervisor.policy.Suggestion;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/// The words of a profile: actions with their errno, operators, architectures.
final class Words {
  private static final Pattern DIGITS = Pattern.compile("[0-9]{1,5}");

  private Words() {}

  /// One of the constants of an enum, which are written as [Object#toString] has them.
  static <E extends Enum<E>> Optional<E> constant(
      Members members, String key, Class<E> type, String what) {
    return members
        .text(key)
        .flatMap(word -> constant(members, word, members.locationOf(key), type, what));
  }

  static <E extends Enum<E>> Optional<E> constant(
      Members members, String word, Location at, Class<E> type, String what) {
    List<E> all = Arrays.asList(type.getEnumConstants());
    Optional<E> found = all.stream().filter(each -> each.toString().equals(word)).findFirst();
    if (found.isEmpty()) {
      List<String> words = all.stream().map(Enum::toString).toList();
      String hint =
          Suggestion.closest(word, words)
              .map(best -> "; did you mean " + best + "?")
              .orElse("; there are " + String.join(", ", words));
      members.error(at, "unknown " + what + " '" + word + "'" + hint);
    }
    return found;
  }

  /// The action under `key`, with the errno that stands beside it, as a `SECCOMP_RET_` value.
  ///
  /// @param number the key of an errno's number
  /// @param name the key of its name, which is the one that counts if both are there
  static Optional<Integer> action(Members members, String key, String number, String name) {
    Optional<Integer> data = errno(members, number, name);
    if (!members.has(key)) {
      members.error(members.location(), "'" + key + "' is missing, such as SCMP_ACT_ERRNO");
      return Optional.empty();
    }
    return constant(members, key, ScmpAction.class, "action").map(action -> withData(action, data));
  }

  private static int withData(ScmpAction action, Optional<Integer> data) {
    return action.carriesData() ? action.ret() | data.orElse(Errno.EPERM.number()) : action.ret();
  }

  private static Optional<Integer> errno(Members members, String number, String name) {
    Optional<Integer> value = members.number(number, Seccomp.RET_DATA).map(Long::intValue);
    return members.has(name)
        ? members.text(name).flatMap(text -> named(members, name, text))
        : value;
  }

  private static Optional<Integer> named(Members members, String key, String text) {
    Function<Integer, Optional<Integer>> inRange =
        value -> Optional.of(value).filter(each -> each <= Seccomp.RET_DATA);
    Optional<Integer> value =
        DIGITS.matcher(text).matches()
            ? inRange.apply(Integer.parseInt(text))
            : Errno.named(text).map(Errno::number);
    if (value.isEmpty()) {
      members.error(
          members.locationOf(key),
          "'" + key + "' takes an errno such as EACCES, or its number, not '" + text + "'");
    }
    return value;
  }
}
