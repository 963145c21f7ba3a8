package dev.sluice.supervisor.policy.condition;

import dev.sluice.supervisor.policy.Quoted;
import dev.sluice.supervisor.policy.condition.Condition.Comparison;
import dev.sluice.supervisor.policy.condition.Condition.NumberTest;
import dev.sluice.supervisor.policy.condition.Condition.TextTest;
import dev.sluice.supervisor.policy.condition.Variables.Variable;
import dev.sluice.supervisor.syscall.Constants;
import dev.sluice.supervisor.target.CallKind;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Conditions as their author would write them. No two of one call look alike.
public final class ConditionText {
  private static final Pattern CONSTANT = Pattern.compile("\\b[A-Z][A-Z0-9_]+\\b");
  private static final NumberValue GIVEN =
      new NumberValue.OfAddress(NumberValue.OfAddress.Part.GIVEN);
  private static final int HEXADECIMAL_FROM = 1024;

  /// The names of values and of whole conditions, such as `access.write`.
  private final Map<Object, String> names = new LinkedHashMap<>();

  private final Map<Long, String> constants = new LinkedHashMap<>();

  /// @param expression what the condition was written as: its constants keep their names
  public ConditionText(CallKind kind, Optional<String> expression) {
    Variables.of(kind)
        .forEach((name, variable) -> {
          Object value =
              switch (variable) {
                case Variable.OfText text -> text.value();
                case Variable.OfNumber number -> number.value();
                case Variable.OfTruth truth -> truth.condition();
                case Variable.OfAddress _ -> AddressVariables.WHOLE;
              };
          names.merge(value, name, (a, b) -> isUsed(expression, b) ? b : a);
        });
    Matcher matcher = CONSTANT.matcher(expression.orElse(""));
    while (matcher.find()) {
      OptionalLong number = Constants.of(matcher.group(), kind.arch());
      number.ifPresent(value -> constants.putIfAbsent(value, matcher.group()));
    }
  }

  private static boolean isUsed(Optional<String> expression, String name) {
    return expression.isPresent()
        && Pattern.compile("\\b" + Pattern.quote(name)).matcher(expression.get()).find();
  }

  /// The name of a value, such as `path`.
  public String nameOf(Object value) {
    String name = names.get(value);
    if (name == null && value instanceof NumberValue.Register register) {
      return nameOfRegister(register.index());
    }
    if (value instanceof NumberValue.OfSupervisor(int register, int _)) {
      return "supervisor(" + nameOfRegister(register) + ")"; // nobody can write that
    }
    if (value.equals(GIVEN)) {
      return "given(" + AddressVariables.NAME + ")"; // nor that
    }
    return name == null ? "?" : name;
  }

  /// The parameter in it: guards look at registers without the sign that a parameter may have.
  private String nameOfRegister(int index) {
    return names.entrySet().stream()
        .filter(
            entry -> entry.getKey() instanceof NumberValue.Register other && other.index() == index)
        .map(Map.Entry::getValue)
        .min(Comparator.comparing(name -> name.startsWith("args")))
        .orElse("args[" + index + "]");
  }

  /// Whether a condition has a name of its own, such as `access.write`.
  public boolean isNamed(Condition condition) {
    return names.containsKey(condition);
  }

  public String of(Condition condition) {
    String name = names.get(condition);
    if (name != null) {
      return name;
    }
    return switch (condition) {
      case Condition.Constant(boolean value) -> Boolean.toString(value);
      case Condition.Not(Condition operand) ->
          isTerm(operand) ? "!" + of(operand) : "!(" + of(operand) + ")";
      case Condition.And(Condition left, Condition right) ->
          inBrackets(left) + " && " + inBrackets(right);
      case Condition.Or(Condition left, Condition right) ->
          inBrackets(left) + " || " + inBrackets(right);
      case NumberTest test -> of(test);
      case TextTest(TextValue value, TextPattern pattern) -> of(nameOf(value), pattern);
    };
  }

  private String inBrackets(Condition condition) {
    boolean simple =
        isNamed(condition)
            || !(condition instanceof Condition.And || condition instanceof Condition.Or);
    return simple ? of(condition) : "(" + of(condition) + ")";
  }

  /// Whether `!` before it is about all of it.
  private boolean isTerm(Condition condition) {
    return isNamed(condition)
        || switch (condition) {
          case Condition.Constant _, Condition.Not _ -> true;
          case Condition.And _, Condition.Or _ -> false;
          case NumberTest test -> isOfBits(test);
          case TextTest(TextValue _, TextPattern pattern) ->
              !(pattern instanceof TextPattern.Equal || pattern instanceof TextPattern.AnyOf);
        };
  }

  /// Whether `has` says it.
  private static boolean isOfBits(NumberTest test) {
    boolean all = test.comparison() == Comparison.EQ && test.mask() == test.constant();
    boolean any =
        test.comparison() == Comparison.NE
            && test.constant() == 0
            && Long.bitCount(test.mask()) == 1;
    return test.mask() != -1 && (all || any);
  }

  private String of(NumberTest test) {
    String name = nameOf(test.value());
    if (test.mask() == -1) {
      return name + operator(test.comparison()) + number(test.constant());
    }
    return isOfBits(test)
        ? name + ".has(" + number(test.mask()) + ")"
        : "math.bitAnd("
            + name
            + ", "
            + number(test.mask())
            + ")"
            + operator(test.comparison())
            + number(test.constant());
  }

  private static String operator(Comparison comparison) {
    return switch (comparison) {
      case EQ -> " == ";
      case NE -> " != ";
      case LT -> " < ";
      case LE -> " <= ";
      case GT -> " > ";
      case GE -> " >= ";
    };
  }

  private String number(long number) {
    String constant = constants.get(number);
    if (constant != null) {
      return constant;
    }
    return number >= HEXADECIMAL_FROM ? "0x" + Long.toHexString(number) : Long.toString(number);
  }

  private static String of(String name, TextPattern pattern) {
    return switch (pattern) {
      case TextPattern.Equal(byte[] other) -> name + " == " + Quoted.of(other);
      case TextPattern.Prefix(byte[] prefix) -> name + ".startsWith(" + Quoted.of(prefix) + ")";
      case TextPattern.Suffix(byte[] suffix) -> name + ".endsWith(" + Quoted.of(suffix) + ")";
      case TextPattern.Containing(byte[] part) -> name + ".contains(" + Quoted.of(part) + ")";
      case TextPattern.Under(byte[] directory) -> name + ".under(" + Quoted.of(directory) + ")";
      case TextPattern.Above(byte[] directory) -> name + ".above(" + Quoted.of(directory) + ")";
      case TextPattern.AnyOf(List<TextPattern> patterns) ->
          name
              + " in ["
              + String.join(
                  ", ",
                  patterns.stream()
                      .map(each ->
                          each instanceof TextPattern.Equal(byte[] other)
                              ? Quoted.of(other)
                              : of(name, each))
                      .toList())
              + "]";
      case TextPattern.InNetworks(List<Network> networks) ->
          name
              + ".in("
              + String.join(", ", networks.stream().map(each -> "\"" + each + "\"").toList())
              + ")";
      case TextPattern.OfContainer _ -> name + ".of(container)";
      case TextPattern.Globbed(Glob glob) -> name + ".glob(" + Quoted.of(glob.toString()) + ")";
    };
  }
}
