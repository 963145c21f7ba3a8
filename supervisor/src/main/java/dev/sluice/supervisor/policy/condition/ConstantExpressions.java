package dev.sluice.supervisor.policy.condition;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.sluice.supervisor.policy.BadCharacter;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.syscall.Constants;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;

/// What can be computed of an expression before there is a call: literals, constants of the
/// headers, the policy's own texts, and what is made of them.
final class ConstantExpressions {
  private static final String ANNOTATIONS = "container.annotations";
  private static final Set<String> ARITHMETIC = Set.of("_+_", "_-_", "_*_");

  /// `PATH_MAX` of linux/limits.h, with the NUL; of no other text is more looked at.
  private static final int MAX_BYTES = 4096;

  private final Arch arch;
  private final ConstantTexts texts;
  private final CelAbstractSyntaxTree ast;

  ConstantExpressions(Arch arch, ConstantTexts texts, CelAbstractSyntaxTree ast) {
    this.arch = arch;
    this.texts = texts;
    this.ast = ast;
  }

  /// A text that must be constant. Throws [Unsupported].
  String text(CelExpr expr) {
    return text(expr, false);
  }

  /// @param bytes whether it is compared with a text that may have NUL in it
  String text(CelExpr expr, boolean bytes) {
    String text =
        textIn(expr).orElseThrow(() -> Unsupported.of(ast, expr, "a constant text is needed here"));
    Optional<String> bad = BadCharacter.in(bytes ? text.replace("\0", "") : text);
    if (bad.isPresent()) {
      throw Unsupported.of(ast, expr, "no text of a call has " + bad.get());
    }
    checkLength(expr, text);
    return text;
  }

  private void checkLength(CelExpr expr, String text) {
    if (TextPattern.bytes(text).length >= MAX_BYTES) {
      throw Unsupported.of(ast, expr, "a text here has fewer than " + MAX_BYTES + " bytes");
    }
  }

  /// A number that must be constant. Throws [Unsupported].
  long number(CelExpr expr) {
    return numberIn(expr)
        .orElseThrow(() -> Unsupported.of(ast, expr, "a constant number is needed here"));
  }

  /// The same, where it stands for bits.
  long bits(CelExpr expr) {
    checkSum(expr);
    return number(expr);
  }

  /// Refuses a sum of what has common bits, as these would be carried to others.
  private void checkSum(CelExpr expr) {
    if (!isCall(expr, "_+_")) {
      return;
    }
    List<CelExpr> args = expr.call().args();
    args.forEach(this::checkSum);
    long common = number(args.get(0)) & number(args.get(1));
    if (common != 0) {
      throw Unsupported.of(
          ast,
          expr,
          ("what is added has bits in common (0x%x), so that the sum has others; leave out what the"
                  + " rest contains")
              .formatted(common));
    }
  }

  /// Whether it is a name of the headers, or a sum of them.
  private static boolean isOfNames(CelExpr expr) {
    return isCall(expr, "_+_")
        ? expr.call().args().stream().allMatch(ConstantExpressions::isOfNames)
        : expr.getKind() == CelExpr.ExprKind.Kind.IDENT;
  }

  /// A literal, one of `vars`, or several of them added up.
  Optional<String> textIn(CelExpr expr) {
    if (expr.getKind() == CelExpr.ExprKind.Kind.CONSTANT
        && expr.constant().getKind() == CelConstant.Kind.STRING_VALUE) {
      return Optional.of(expr.constant().stringValue());
    }
    if (isCall(expr, "_+_")) {
      return both(expr, this::textIn)
          .map(pair -> {
            pair.forEach(part -> checkLength(expr, part));
            return pair.get(0) + pair.get(1);
          });
    }
    if (isCall(expr, "_[_]") && nameOf(expr.call().args().getFirst()).equals(ANNOTATIONS)) {
      return Optional.of(texts.annotation(text(expr.call().args().getLast())));
    }
    return texts.named(nameOf(expr));
  }

  /// Whether that is a text of a container that may be any, or made with one.
  boolean isUnknown(CelExpr expr) {
    return texts.areOfAnyContainer() && isOfContainer(expr);
  }

  /// Whether it is a text of a container, or made with one.
  boolean isOfContainer(CelExpr expr) {
    return isCall(expr, "_+_")
        ? expr.call().args().stream().anyMatch(this::isOfContainer)
        : nameOf(isCall(expr, "_[_]") ? expr.call().args().getFirst() : expr)
            .startsWith(ConstantTexts.CONTAINER);
  }

  Optional<Long> numberIn(CelExpr expr) {
    if (expr.getKind() == CelExpr.ExprKind.Kind.CONSTANT) {
      return switch (expr.constant().getKind()) {
        case INT64_VALUE -> Optional.of(expr.constant().int64Value());
        case UINT64_VALUE -> Optional.of(expr.constant().uint64Value().longValue());
        default -> Optional.empty();
      };
    }
    if (ARITHMETIC.stream().anyMatch(operator -> isCall(expr, operator))) {
      Optional<List<Long>> pair = both(expr, this::numberIn);
      if (pair.isPresent() && isOfNames(expr)) {
        checkSum(expr);
      }
      return pair.map(both -> result(expr, both.get(0), both.get(1)));
    }
    OptionalLong named = Constants.of(nameOf(expr), arch);
    OptionalLong wide = Constants.of(nameOf(expr), Arch.X86_64);
    if (arch == Arch.I386 && !named.equals(wide)) {
      // the kernel may take either from such callers
      throw Unsupported.of(
          ast,
          expr,
          "%s is 0x%x, but 0x%x in calls of i386; write both numbers"
              .formatted(nameOf(expr), wide.orElseThrow(), named.orElseThrow()));
    }
    return named.isPresent() ? Optional.of(named.getAsLong()) : Optional.empty();
  }

  private long result(CelExpr expr, long a, long b) {
    try {
      return switch (expr.call().function()) {
        case "_+_" -> Math.addExact(a, b);
        case "_-_" -> Math.subtractExact(a, b);
        default -> Math.multiplyExact(a, b);
      };
    } catch (ArithmeticException overflow) {
      throw Unsupported.of(ast, expr, "this is more than a number can be");
    }
  }

  private static <T> Optional<List<T>> both(CelExpr expr, Function<CelExpr, Optional<T>> constant) {
    List<CelExpr> args = expr.call().args();
    return constant
        .apply(args.get(0))
        .flatMap(left -> constant.apply(args.get(1)).map(right -> List.of(left, right)));
  }

  static boolean isCall(CelExpr expr, String function) {
    return expr.getKind() == CelExpr.ExprKind.Kind.CALL && expr.call().function().equals(function);
  }

  /// The name of a variable, such as `access.write`; empty if it is something else.
  static String nameOf(CelExpr expr) {
    return switch (expr.getKind()) {
      case IDENT -> expr.ident().name();
      case SELECT -> nameOf(expr.select().operand()) + "." + expr.select().field();
      case CALL -> isCall(expr, "_[_]") ? elementName(expr.call().args()) : "";
      default -> "";
    };
  }

  /// Such as `args[0]`.
  private static String elementName(List<CelExpr> args) {
    CelExpr index = args.getLast();
    return index.getKind() == CelExpr.ExprKind.Kind.CONSTANT
            && index.constant().getKind() == CelConstant.Kind.INT64_VALUE
        ? nameOf(args.getFirst()) + "[" + index.constant().int64Value() + "]"
        : "";
  }
}
