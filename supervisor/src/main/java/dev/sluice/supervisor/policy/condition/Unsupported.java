package dev.sluice.supervisor.policy.condition;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelExpr;

/// Something CEL allows and a condition cannot be.
final class Unsupported extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int line;
  private final int column;

  private Unsupported(String message, int line, int column) {
    super(message, null, false, false);
    this.line = line;
    this.column = column;
  }

  /// In words for who wrote `expr`, which is a part of `ast`.
  static Unsupported of(CelAbstractSyntaxTree ast, CelExpr expr, String message) {
    var source = ast.getSource();
    int offset = source.getPositionsMap().getOrDefault(expr.id(), 0);
    return source
        .getOffsetLocation(offset)
        .map(at -> new Unsupported(message, at.getLine(), at.getColumn()))
        .orElseGet(() -> new Unsupported(message, 1, 0));
  }

  /// From 1, as CEL counts.
  int line() {
    return line;
  }

  /// From 0, as CEL counts.
  int column() {
    return column;
  }
}
