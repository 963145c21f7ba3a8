package dev.sluice.supervisor.policy.condition;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.types.SimpleType;
import dev.sluice.supervisor.bpf.SeccompData;
import dev.sluice.supervisor.policy.condition.Condition.Comparison;
import dev.sluice.supervisor.policy.condition.Variables.Variable;
import dev.sluice.supervisor.target.CallKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Turns a checked CEL expression into a [Condition] for one system call.
final class CelLowering {
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
  private final ConstantExpressions constants;
  private final TextLowering texts;
  private final TestBudget budget;
  private final CelAbstractSyntaxTree ast;

  CelLowering(
      CallKind kind,
      Map<String, Variable> variables,
      ConstantTexts texts,
      TestBudget budget,
      CelAbstractSyntaxTree ast) {
    this.kind = kind;
    this.variables = variables;
    this.constants = new ConstantExpressions(kind.arch(), texts, ast);
    this.texts = new TextLowering(variables, texts, constants, ast);
    this.budget = budget;
    this.ast = ast;
  }

  /// Throws [Unsupported].
  Condition condition() {
    return condition(ast.getExpr());
  }

  private Condition condition(CelExpr expr) {
    spend(expr);
    return switch (expr.getKind()) {
      case CONSTANT ->
          expr.constant().booleanValue() ? Condition.Constant.TRUE : Condition.Constant.FALSE;
      case IDENT, SELECT -> truth(expr);
      case CALL -> call(expr);
      default -> throw unsupported(expr, "this is more than a condition can be");
    };
  }

  private void spend(CelExpr expr) {
    if (!budget.spend()) {
      throw unsupported(
          expr,
          "the conditions up to here make more than "
              + TestBudget.ALL
              + " tests, each counted for every call of its rule: say it in fewer");
    }
  }

  private Condition truth(CelExpr expr) {
    if (variables.get(ConstantExpressions.nameOf(expr))
        instanceof Variable.OfTruth(Condition condition)) {
      return condition;
    }
    throw unsupported(expr, "'" + ConstantExpressions.nameOf(expr) + "' is not true or false");
  }

  private Condition call(CelExpr expr) {
    var call = expr.call();
    List<CelExpr> args = call.args();
    String function = call.function();
    return switch (function) {
      case "_&&_" -> Condition.and(condition(args.get(0)), condition(args.get(1)));
      case "_||_" -> Condition.or(condition(args.get(0)), condition(args.get(1)));
      case "!_" -> Condition.not(condition(args.get(0)));
      case "_?_:_" ->
          Condition.or(
              Condition.and(condition(args.get(0)), condition(args.get(1))),
              Condition.and(Condition.not(condition(args.get(0))), condition(args.get(2))));
      case "_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_" ->
          compare(
              expr, Objects.requireNonNull(COMPARISONS.get(function)), args.get(0), args.get(1));
      case "@in" -> in(expr, args.get(0), args.get(1));
      case InFunction.NAME -> texts.inNetworks(args);
      case "has" -> hasFlags(call.target().orElseThrow(), args.getFirst());
      case "glob", "under", "above", "startsWith", "endsWith", "contains" ->
          texts.test(function, call.target().orElseThrow(), args.getFirst());
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
          constants.textIn(right).isPresent()
              ? texts.test(left, texts.equalTo(left, right))
              : texts.test(right, texts.equalTo(right, left));
      return comparison == Comparison.EQ ? equal : Condition.not(equal);
    }
    if (type.equals(SimpleType.BOOL)) {
      if (comparison != Comparison.EQ && comparison != Comparison.NE) {
        throw unsupported(expr, "truths are compared with == and != only");
      }
      Condition same = sameTruth(left, right);
      return comparison == Comparison.EQ ? same : Condition.not(same);
    }
    if (constants.numberIn(right).isPresent()) {
      return numberTest(left, comparison, right);
    }
    if (constants.numberIn(left).isPresent()) {
      return numberTest(right, mirrored(comparison), left);
    }
    throw unsupported(expr, "one side of a comparison must be a constant number");
  }

  private Condition numberTest(CelExpr variable, Comparison comparison, CelExpr other) {
    if (ConstantExpressions.isCall(variable, "math.bitAnd")) {
      return maskedTest(variable.call().args(), comparison, other);
    }
    NumberValue value = comparable(variable);
    long constant = constants.number(other);
    if (!isUnsigned64(value, other) && (constant < value.min() || constant > value.max())) {
      throw unsupported(
          other,
          "'%s' of %s is from %d to %d, never %d"
              .formatted(
                  ConstantExpressions.nameOf(variable),
                  kind.name(),
                  value.min(),
                  value.max(),
                  constant));
    }
    return compared(variable, value, -1, comparison, other, constant);
  }

  /// @param other where the constant stands
  private Condition compared(
      CelExpr variable,
      NumberValue value,
      long mask,
      Comparison comparison,
      CelExpr other,
      long constant) {
    String name = ConstantExpressions.nameOf(variable);
    if (!MountFlags.are(kind, name)) {
      return Variables.test(value, mask, comparison, constant);
    }
    if (MountFlags.haveMagic(constant)) {
      throw unsupported(
          other,
          "the kernel takes MS_MGC_VAL away before it looks at the flags, and '"
              + name
              + "' is without it, too; leave it out");
    }
    return MountFlags.test(value, mask, comparison, constant);
  }

  /// Whether a literal such as `18446744073709551615u` stands beside what can be that much.
  private static boolean isUnsigned64(NumberValue value, CelExpr other) {
    return !value.isSigned()
        && value.bits() == Long.SIZE
        && other.getKind() == CelExpr.ExprKind.Kind.CONSTANT
        && other.constant().getKind() == CelConstant.Kind.UINT64_VALUE;
  }

  /// `math.bitAnd(flags, O_ACCMODE) == O_WRONLY`: compared without a sign.
  private Condition maskedTest(List<CelExpr> operands, Comparison comparison, CelExpr other) {
    boolean maskFirst = constants.numberIn(operands.getFirst()).isPresent();
    CelExpr variable = maskFirst ? operands.getLast() : operands.getFirst();
    CelExpr maskExpr = maskFirst ? operands.getFirst() : operands.getLast();
    NumberValue value = comparable(variable);
    long mask = bits(variable, value, maskExpr);
    long constant = constants.number(other);
    if ((constant & ~mask) != 0) {
      throw unsupported(
          other, "%d has bits that the mask 0x%x does not let through".formatted(constant, mask));
    }
    if (mask == -1
        && value.isSigned()
        && value instanceof NumberValue.Register(int index, int width, boolean _)) {
      // all bits, which without a mask would have a sign
      long allBits = -1L >>> (Long.SIZE - width);
      var unsigned = new NumberValue.Register(index, width, false);
      return Variables.test(unsigned, -1, comparison, constant & allBits);
    }
    return compared(variable, value, mask, comparison, other, constant);
  }

  /// What is there twice is made twice, so that it counts twice.
  private Condition sameTruth(CelExpr a, CelExpr b) {
    return Condition.or(
        Condition.and(condition(a), condition(b)),
        Condition.and(Condition.not(condition(a)), Condition.not(condition(b))));
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
      for (CelExpr each : elements) {
        spend(each);
        patterns.add(texts.equalTo(element, each));
      }
      return texts.test(
          element,
          elements.stream().anyMatch(constants::isUnknown)
              ? new TextPattern.OfContainer()
              : new TextPattern.AnyOf(List.copyOf(patterns)));
    }
    var tests = new ArrayList<Condition>();
    for (CelExpr each : elements) {
      spend(each);
      tests.add(numberTest(element, Comparison.EQ, each));
    }
    return Condition.any(tests);
  }

  /// All the bits of the argument are set.
  private Condition hasFlags(CelExpr target, CelExpr argument) {
    NumberValue value = number(target);
    long bits =
        value.equals(Variables.CAPABILITIES) ? capability(argument) : bits(target, value, argument);
    if (bits == 0) {
      throw unsupported(
          argument,
          "this is 0, which every number has, so that it would always hold; compare the bits in"
              + " question: math.bitAnd(flags, O_ACCMODE) == O_RDONLY");
    }
    return compared(target, value, bits, Comparison.EQ, argument, bits);
  }

  private long bits(CelExpr variable, NumberValue value, CelExpr constant) {
    long bits = constants.bits(constant);
    if (value.bits() < Long.SIZE && bits >>> value.bits() != 0) {
      throw unsupported(
          constant,
          "'%s' of %s has %d bits, and %d is beyond them"
              .formatted(ConstantExpressions.nameOf(variable), kind.name(), value.bits(), bits));
    }
    return bits;
  }

  /// The headers number capabilities, a set of them has a bit for each.
  private long capability(CelExpr argument) {
    if (!ConstantExpressions.nameOf(argument).startsWith("CAP_")) {
      throw unsupported(argument, "a capability is needed here, such as CAP_CHOWN");
    }
    return 1L << constants.number(argument);
  }

  /// The constants of capabilities are numbers of bits: compared with the set they would mean
  /// others.
  private NumberValue comparable(CelExpr variable) {
    NumberValue value = number(variable);
    if (value.equals(Variables.CAPABILITIES)) {
      throw unsupported(variable, "capabilities are tested one by one: task.caps.has(CAP_CHOWN)");
    }
    return value;
  }

  private NumberValue number(CelExpr expr) {
    if (variables.get(ConstantExpressions.nameOf(expr))
        instanceof Variable.OfNumber(NumberValue value)) {
      return value;
    }
    if (ConstantExpressions.isCall(expr, "_[_]")
        && ConstantExpressions.nameOf(expr.call().args().getFirst()).equals("args")) {
      throw unsupported(expr, "there are args[0] to args[" + (SeccompData.ARGS - 1) + "]");
    }
    throw unsupported(expr, "a variable is needed here, such as flags");
  }

  private Unsupported unsupported(CelExpr expr, String message) {
    return Unsupported.of(ast, expr, message);
  }
}
