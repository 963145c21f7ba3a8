package dev.sluice.supervisor.policy.explain;

import dev.sluice.supervisor.policy.condition.Condition;
import dev.sluice.supervisor.target.CallView;

/// What is known of a condition for a call that is described in part.
public sealed interface Truth {
  record Known(boolean value) implements Truth {}

  /// It depends on what was not said.
  record Open(UndescribedException why) implements Truth {}

  Truth TRUE = new Known(true);
  Truth FALSE = new Known(false);

  /// Throws [dev.sluice.supervisor.target.Abort] where the call itself cannot go on.
  static Truth of(Condition condition, CallView call) {
    return switch (condition) {
      case Condition.Not(Condition operand) ->
          of(operand, call) instanceof Known(boolean value) ? known(!value) : of(operand, call);
      case Condition.And(Condition left, Condition right) -> both(left, right, call, FALSE);
      case Condition.Or(Condition left, Condition right) -> both(left, right, call, TRUE);
      default -> {
        try {
          yield known(condition.holds(call));
        } catch (UndescribedException e) {
          yield new Open(e);
        }
      }
    };
  }

  /// @param decisive what one side alone decides
  private static Truth both(Condition left, Condition right, CallView call, Truth decisive) {
    Truth first = of(left, call);
    if (first.equals(decisive)) {
      return first;
    }
    Truth second = of(right, call);
    return second.equals(decisive) || first instanceof Known ? second : first;
  }

  private static Truth known(boolean value) {
    return value ? TRUE : FALSE;
  }
}
