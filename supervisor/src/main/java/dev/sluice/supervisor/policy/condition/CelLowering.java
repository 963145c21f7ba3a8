package dev.sluice.supervisor.policy.condition;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.types.SimpleType;
import dev.sluice.supervisor.policy.condition.Condition.Comparison;
import dev.sluice.supervisor.policy.condition.Condition.TextTest;
import dev.sluice.supervisor.policy.condition.Variables.Variable;
import dev.sluice.supervisor.target.CallKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/// Turns a checked CEL expression into a [Condition] for one system call.
final class CelLowering {
  /// Something CEL allows and we do not.
  static final class Unsupported extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final int line;
    private final int column;

    Unsupported(String message, int line, int column) {
      super(message);
      this.line = line;
      this.column = column;
    }

    int line() {
      return line;
    }

    int column() {
      return column;
    }
  }

  private static final Map<String, Comparison> COMPARISONS =
      Map.of(
          "_==_", Comparison.EQ,
          "_!=_", Comparison.NE,
          "_<_", Comparison.LT,
          "_<=_", Comparison.LE,
          "_>_", Comparison.GT,
          "_>=_", Comparison.GE);

  private final CallKind kind;
  private final Map<String, Variable> variables;
  private final Map<String, String> vars;
  private final String home;
  private final CelAbstractSyntaxTree ast;

  CelLowering(
      CallKind kind,
      Map<String, Variable> variables,
      Map<String, String> vars,
      String home,
      CelAbstractSyntaxTree ast) {
    this.kind = kind;
    this.variables = variables;
    this.vars = vars;
    this.home = home;
    this.ast = ast;
  }

  /// Throws [Unsupported].
  Condition condition() {
    return condition(ast.getExpr());
  }

  private Condition condition(CelExpr expr) {
    return switch (expr.getKind()) {
      case CONSTANT ->
          expr.constant().booleanValue() ? Condition.Constant.TRUE : Condition.Constant.FALSE;
      case IDENT, SELECT -> truth(expr);
      case CALL -> call(expr);
      default -> throw unsupported(expr, "this is more than a condition can be");
    };
  }

  private Condition truth(CelExpr expr) {
    if (variables.get(nameOf(expr)) instanceof Variable.OfTruth(Condition condition)) {
      return condition;
    }
    throw unsupported(expr, "'" + nameOf(expr) + "' is not true or false");
  }

  private Condition call(CelExpr expr) {
    var call = expr.call();
    List<CelExpr> args = call.args();
    String function = call.function();
    return switch (function) {
      case "_&&_" -> Condition.and(condition(args.get(0)), condition(args.get(1)));
      case "_||_" -> Condition.or(condition(args.get(0)), condition(args.get(1)));
      case "!_" -> Condition.not(condition(args.get(0)));
      case "_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_" ->
          compare(
              expr, Objects.requireNonNull(COMPARISONS.get(function)), args.get(0), args.get(1));
      case "@in" -> in(expr, args.get(0), args.get(1));
      case "has" -> hasFlags(call.target().orElseThrow(), args.getFirst());
      case "glob", "under", "above", "startsWith", "endsWith", "contains" ->
          textTest(function, call.target().orElseThrow(), args.getFirst());
      default -> throw unsupported(expr, "a condition cannot use '" + function + "'");
    };
  }

  private Condition compare(CelExpr expr, Comparison comparison, CelExpr left, CelExpr right) {
    var type = ast.getTypeOrThrow(left.id());
    if (type.equals(SimpleType.STRING)) {
      if (comparison != Comparison.EQ && comparison != Comparison.NE) {
        throw unsupported(expr, "texts are compared with == and != only");
      }
      Condition equal =
          stringConstant(right).isPresent()
              ? new TextTest(text(left), TextPattern.Equal.to(string(right)))
              : new TextTest(text(right), TextPattern.Equal.to(string(left)));
      return comparison == Comparison.EQ ? equal : Condition.not(equal);
    }
    if (type.equals(SimpleType.BOOL)) {
      Condition same = sameTruth(condition(left), condition(right));
      return comparison == Comparison.EQ ? same : Condition.not(same);
    }
    if (numberConstant(right).isPresent()) {
      return numberTest(left, comparison, right);
    }
    if (numberConstant(left).isPresent()) {
      return numberTest(right, mirrored(comparison), left);
    }
    throw unsupported(expr, "one side of a comparison must be a constant");
  }

  private Condition numberTest(CelExpr variable, Comparison comparison, CelExpr other) {
    NumberValue value = number(variable);
    long constant = constant(other);
    if (constant < value.min() || constant > value.max()) {
      throw unsupported(
          other,
          "'%s' of %s is from %d to %d, never %d"
              .formatted(nameOf(variable), kind.name(), value.min(), value.max(), constant));
    }
    return Variables.test(value, -1, comparison, constant);
  }

  private static Condition sameTruth(Condition a, Condition b) {
    return Condition.or(Condition.and(a, b), Condition.and(Condition.not(a), Condition.not(b)));
  }

  private static Comparison mirrored(Comparison comparison) {
    return switch (comparison) {
      case LT -> Comparison.GT;
      case LE -> Comparison.GE;
      case GT -> Comparison.LT;
      case GE -> Comparison.LE;
      case EQ, NE -> comparison;
    };
  }

  private Condition in(CelExpr expr, CelExpr element, CelExpr list) {
    if (list.getKind() != CelExpr.ExprKind.Kind.LIST) {
      throw unsupported(expr, "'in' needs a list such as [\"tmpfs\", \"proc\"]");
    }
    List<CelExpr> elements = list.list().elements();
    if (ast.getTypeOrThrow(element.id()).equals(SimpleType.STRING)) {
      var patterns = new ArrayList<TextPattern>();
      elements.forEach(each -> patterns.add(TextPattern.Equal.to(string(each))));
      return new TextTest(text(element), new TextPattern.AnyOf(List.copyOf(patterns)));
    }
    return Condition.any(
        elements.stream().map(each -> numberTest(element, Comparison.EQ, each)).toList());
  }

  /// All the bits of the argument are set.
  private Condition hasFlags(CelExpr target, CelExpr argument) {
    NumberValue value = number(target);
    long bits = constant(argument);
    if (value.bits() < Long.SIZE && bits >>> value.bits() != 0) {
      throw unsupported(
          argument,
          "'%s' of %s has %d bits, and %d is beyond them"
              .formatted(nameOf(target), kind.name(), value.bits(), bits));
    }
    return Variables.test(value, bits, Comparison.EQ, bits);
  }

  private Condition textTest(String function, CelExpr target, CelExpr argument) {
    String pattern = string(argument);
    try {
      TextPattern compiled =
          switch (function) {
            case "startsWith" -> new TextPattern.Prefix(TextPattern.bytes(pattern));
            case "endsWith" -> new TextPattern.Suffix(TextPattern.bytes(pattern));
            case "contains" -> new TextPattern.Containing(TextPattern.bytes(pattern));
            case "under" ->
                new TextPattern.Under(TextPattern.bytes(PathAnchor.directory(pattern, home)));
            case "above" ->
                new TextPattern.Above(TextPattern.bytes(PathAnchor.directory(pattern, home)));
            default -> new TextPattern.Globbed(Glob.compile(PathAnchor.pattern(pattern, home)));
          };
      return new TextTest(text(target), compiled);
    } catch (IllegalArgumentException e) {
      throw unsupported(argument, String.valueOf(e.getMessage()));
    }
  }

  private TextValue text(CelExpr expr) {
    if (variables.get(nameOf(expr)) instanceof Variable.OfText(TextValue value)) {
      return value;
    }
    throw unsupported(expr, "a variable is needed here, such as path");
  }

  private NumberValue number(CelExpr expr) {
    if (variables.get(nameOf(expr)) instanceof Variable.OfNumber(NumberValue value)) {
      return value;
    }
    throw unsupported(expr, "a variable is needed here, such as flags");
  }

  private String string(CelExpr expr) {
    return stringConstant(expr)
        .orElseThrow(() -> unsupported(expr, "a constant text is needed here"));
  }

  private long constant(CelExpr expr) {
    return numberConstant(expr)
        .orElseThrow(() -> unsupported(expr, "a constant number is needed here"));
  }

  /// A literal, one of `vars`, or several of them added up.
  private Optional<String> stringConstant(CelExpr expr) {
    if (expr.getKind() == CelExpr.ExprKind.Kind.CONSTANT
        && expr.constant().getKind() == CelConstant.Kind.STRING_VALUE) {
      return Optional.of(expr.constant().stringValue());
    }
    if (isCall(expr, "_+_")) {
      return both(expr, this::stringConstant).map(pair -> pair.get(0) + pair.get(1));
    }
    String name = nameOf(expr);
    return name.startsWith("vars.")
        ? Optional.ofNullable(vars.get(name.substring("vars.".length())))
        : Optional.empty();
  }

  private Optional<Long> numberConstant(CelExpr expr) {
    if (expr.getKind() == CelExpr.ExprKind.Kind.CONSTANT
        && expr.constant().getKind() == CelConstant.Kind.INT64_VALUE) {
      return Optional.of(expr.constant().int64Value());
    }
    if (isCall(expr, "_+_")) {
      return both(expr, this::numberConstant).map(pair -> sum(expr, pair.get(0), pair.get(1)));
    }
    return Optional.ofNullable(Variables.CONSTANTS.get(nameOf(expr)));
  }

  private long sum(CelExpr expr, long a, long b) {
    try {
      return Math.addExact(a, b);
    } catch (ArithmeticException overflow) {
      throw unsupported(expr, "this is more than a number can be");
    }
  }

  private static <T> Optional<List<T>> both(CelExpr expr, Function<CelExpr, Optional<T>> constant) {
    List<CelExpr> args = expr.call().args();
    return constant
        .apply(args.get(0))
        .flatMap(left -> constant.apply(args.get(1)).map(right -> List.of(left, right)));
  }

  private static boolean isCall(CelExpr expr, String function) {
    return expr.getKind() == CelExpr.ExprKind.Kind.CALL && expr.call().function().equals(function);
  }

  /// The name of a variable, such as `access.write`; empty if it is something else.
  private static String nameOf(CelExpr expr) {
    return switch (expr.getKind()) {
      case IDENT -> expr.ident().name();
      case SELECT -> nameOf(expr.select().operand()) + "." + expr.select().field();
      default -> "";
    };
  }

  private Unsupported unsupported(CelExpr expr, String message) {
    var source = ast.getSource();
    int offset = source.getPositionsMap().getOrDefault(expr.id(), 0);
    return source
        .getOffsetLocation(offset)
        .map(at -> new Unsupported(message, at.getLine(), at.getColumn()))
        .orElseGet(() -> new Unsupported(message, 1, 0));
  }
}
