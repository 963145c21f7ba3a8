package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.policy.condition.Condition;
import dev.sluice.supervisor.policy.condition.Condition.TextTest;
import dev.sluice.supervisor.policy.condition.TextValue;
import dev.sluice.supervisor.target.BytePairs;
import dev.sluice.supervisor.target.CallView;
import dev.sluice.supervisor.target.Text;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What is asked of a call to decide it, one question after the other: the conditions of a plan,
/// taken apart at each `&&`, `||` and `!`.
///
/// These are the questions that the conditions themselves would ask, in the same order. But a
/// condition within others is a virtual call for each of them, the same text is looked for again
/// and again, and most patterns are of bytes that it does not have.
final class Questions {
  /// One comparison. Where to go on after it is the index of another question, or that of a step,
  /// inverted.
  ///
  /// @param value the text it compares, if it does; equal ones are the same
  /// @param needed what that text must have
  private record Question(
      Condition condition, @Nullable TextValue value, BytePairs needed, int ifSo, int ifNot) {}

  private static final BytePairs NOTHING = new BytePairs();

  private final Question[] questions;
  private final int first;

  Questions(List<CallPlan.Step> steps) {
    var builder = new Builder();
    int next = ~(steps.size() - 1);
    for (int i = steps.size() - 2; i >= 0; i--) {
      next = builder.add(steps.get(i).condition(), ~i, next);
    }
    questions = builder.questions.toArray(new Question[0]);
    first = next;
  }

  private static final class Builder {
    private final List<Question> questions = new ArrayList<>();
    private final Map<TextValue, TextValue> values = new HashMap<>();

    /// Returns where to begin with `condition`.
    int add(Condition condition, int ifSo, int ifNot) {
      return switch (condition) {
        case Condition.Constant(boolean value) -> value ? ifSo : ifNot;
        case Condition.Not(Condition operand) -> add(operand, ifNot, ifSo);
        case Condition.And(Condition left, Condition right) ->
            add(left, add(right, ifSo, ifNot), ifNot);
        case Condition.Or(Condition left, Condition right) ->
            add(left, ifSo, add(right, ifSo, ifNot));
        case TextTest test -> {
          TextValue value = values.computeIfAbsent(test.value(), same -> same);
          yield add(new Question(test, value, test.pattern().needed(), ifSo, ifNot));
        }
        case Condition.NumberTest test -> add(new Question(test, null, NOTHING, ifSo, ifNot));
      };
    }

    private int add(Question question) {
      questions.add(question);
      return questions.size() - 1;
    }
  }

  /// The index of the first step whose condition holds. Throws
  /// [dev.sluice.supervisor.target.Abort].
  @SuppressWarnings("ReferenceEquality") // equal values are the same
  int ask(CallView call) {
    TextValue value = null;
    Text text = null;
    int at = first;
    while (at >= 0) {
      Question question = questions[at];
      boolean holds;
      if (question.condition instanceof TextTest test) {
        if (text == null || question.value != value) {
          value = question.value;
          text = test.value().of(call);
        }
        holds = text.mayHave(question.needed) && test.pattern().matches(text);
      } else {
        holds = question.condition.holds(call);
      }
      at = holds ? question.ifSo : question.ifNot;
    }
    return ~at;
  }
}
