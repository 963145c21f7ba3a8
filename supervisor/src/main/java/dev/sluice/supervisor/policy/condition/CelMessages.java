package dev.sluice.supervisor.policy.condition;

import dev.sluice.supervisor.policy.Suggestion;
import dev.sluice.supervisor.policy.condition.Variables.Variable;
import dev.sluice.supervisor.syscall.Constants;
import dev.sluice.supervisor.target.CallKind;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What CEL says of the types and names of a condition, in the terms of who wrote it.
final class CelMessages {
  private static final Pattern UNDECLARED =
      Pattern.compile("undeclared reference to '([^']*)'.*", Pattern.DOTALL);
  private static final Pattern NO_OVERLOAD =
      Pattern.compile("found no matching overload for '([^']*)' applied to '([^']*)'.*");
  private static final Pattern NO_FIELDS =
      Pattern.compile("type '([^']*)' does not support field selection");

  /// Of what has no right type because of another mistake.
  private static final String FOLLOWS = "*error*";

  private static final Map<String, String> EXAMPLES =
      Map.ofEntries(
          Map.entry("glob", "path.glob(\"/etc/**\")"),
          Map.entry("under", "path.under(\"/etc\")"),
          Map.entry("above", "path.above(\"/etc\")"),
          Map.entry("startsWith", "path.startsWith(\"/etc/\")"),
          Map.entry("endsWith", "path.endsWith(\".conf\")"),
          Map.entry("contains", "path.contains(\"secret\")"),
          Map.entry("has", "flags.has(O_CREAT)"),
          Map.entry("math.bitAnd", "math.bitAnd(flags, O_ACCMODE) == O_WRONLY"),
          Map.entry("@in", "fstype in [\"tmpfs\", \"proc\"]"),
          Map.entry("_[_]", "args[0]"));

  private final String expression;
  private final List<CallKind> kinds;
  private final List<Map<String, Variable>> variables;
  private final Set<String> names;

  /// @param variables of each of `kinds`
  /// @param names of what the condition may speak of
  CelMessages(
      String expression,
      List<CallKind> kinds,
      List<Map<String, Variable>> variables,
      Set<String> names) {
    this.expression = expression;
    this.kinds = kinds;
    this.variables = variables;
    this.names = names;
  }

  /// Empty if another message says it.
  Optional<String> explain(String message) {
    if (message.contains(FOLLOWS) || message.startsWith("Message type resolution")) {
      return Optional.empty();
    }
    Matcher undeclared = UNDECLARED.matcher(message);
    if (undeclared.matches()) {
      return Optional.of(undeclared(undeclared.group(1)));
    }
    Matcher overload = NO_OVERLOAD.matcher(message);
    if (overload.matches()) {
      return Optional.of(noOverload(overload.group(1), overload.group(2)));
    }
    Matcher fields = NO_FIELDS.matcher(message);
    if (fields.matches()) {
      return Optional.of(noFields(fields.group(1)));
    }
    return Optional.of(message.lines().findFirst().orElse(message));
  }

  private String undeclared(String reference) {
    String name = operator(reference);
    for (int i = 0; i < kinds.size(); i++) {
      if (variables.stream().anyMatch(each -> each.containsKey(name))
          && !variables.get(i).containsKey(name)) {
        return kinds.get(i).name() + " has no '" + name + "', which other calls of this rule have";
      }
    }
    if (reference.equals(InFunction.NAME)) {
      return "'in' with brackets is for addresses; others are in a list: fstype in [\"tmpfs\"]";
    }
    if (name.matches("[A-Z0-9_]+")) {
      return "unknown constant '" + name + "'" + Suggestion.didYouMean(name, Constants.names());
    }
    if (!name.equals(reference)
        || Pattern.compile("\\b" + Pattern.quote(name) + "\\(").matcher(expression).find()) {
      return "a condition cannot use '" + name + "'";
    }
    Matcher whole = Pattern.compile("\\b" + Pattern.quote(name) + "(\\.\\w+)*").matcher(expression);
    String written = whole.find() ? whole.group() : name;
    return "unknown name '"
        + written
        + "'"
        + Suggestion.closest(written, names)
            .map(best -> "; did you mean '" + best + "'?")
            .orElse("; here are " + String.join(", ", names));
  }

  private static String noOverload(String function, String types) {
    if (function.equals(InFunction.NAME)) {
      return "'in' is for addresses and takes texts: address.in(\"10.0.0.0/8\", \"::1\"), up to "
          + InFunction.MAX_ARGUMENTS
          + ", or a list";
    }
    String taken =
        Stream.of(types.replaceAll("\\([^()]*\\)(?=[,).])", "").split("[.(), ]+", -1))
            .filter(type -> !type.isEmpty())
            .map(CelMessages::nameOf)
            .collect(Collectors.joining(" and "));
    String example = EXAMPLES.get(function);
    return "'"
        + operator(function)
        + "' does not take "
        + (taken.isEmpty() ? "nothing" : taken)
        + (example == null ? "" : "; it is written as in " + example);
  }

  private static String noFields(String type) {
    return type.equals(AddressVariables.NAME)
        ? "an address has family, ip, port and path"
        : nameOf(type) + " has no parts; a function has brackets, as in flags.has(O_CREAT)";
  }

  /// An operator as it is written: CEL has `_` in the place of what it is applied to.
  private static String operator(String function) {
    return switch (function) {
      case InFunction.NAME, "@in" -> "in";
      case "_?_:_" -> "? :";
      case "_[_]" -> "[]";
      default -> function.matches("!?_?[^\\w.]+_|!_") ? function.replace("_", "") : function;
    };
  }

  /// A type of CEL in words.
  static String nameOf(String type) {
    return switch (type.toLowerCase(Locale.ROOT)) {
      case "int" -> "a number";
      case "uint" -> "an unsigned number";
      case "double" -> "a number with a point";
      case "string" -> "a text";
      case "bool" -> "a truth";
      case "list" -> "a list";
      case "map" -> "a map";
      case "address" -> "an address";
      case "null_type" -> "null";
      default -> type;
    };
  }
}
