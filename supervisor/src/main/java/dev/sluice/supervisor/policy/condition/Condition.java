package dev.sluice.supervisor.policy.condition;

import dev.sluice.supervisor.target.CallView;
import java.util.List;

/// A test of a call, compiled for one system call of one architecture.
public sealed interface Condition {
  /// Throws [dev.sluice.supervisor.target.Abort] where the call itself cannot go on.
  boolean holds(CallView call);

  /// Whether the answer depends on the target's memory, or on paths: then only the supervisor can
  /// give it, and it can change behind its back.
  boolean readsMemory();

  record Constant(boolean value) implements Condition {
    public static final Condition TRUE = new Constant(true);
    public static final Condition FALSE = new Constant(false);

    @Override
    public boolean holds(CallView call) {
      return value;
    }

    @Override
    public boolean readsMemory() {
      return false;
    }
  }

  record Not(Condition operand) implements Condition {
    @Override
    public boolean holds(CallView call) {
      return !operand.holds(call);
    }

    @Override
    public boolean readsMemory() {
      return operand.readsMemory();
    }
  }

  record And(Condition left, Condition right) implements Condition {
    @Override
    public boolean holds(CallView call) {
      return left.holds(call) && right.holds(call);
    }

    @Override
    public boolean readsMemory() {
      return left.readsMemory() || right.readsMemory();
    }
  }

  record Or(Condition left, Condition right) implements Condition {
    @Override
    public boolean holds(CallView call) {
      return left.holds(call) || right.holds(call);
    }

    @Override
    public boolean readsMemory() {
      return left.readsMemory() || right.readsMemory();
    }
  }

  /// Compares `value & mask` with a constant.
  record NumberTest(NumberValue value, long mask, Comparison comparison, long constant)
      implements Condition {
    @Override
    public boolean holds(CallView call) {
      long masked = value.of(call) & mask;
      return (value.isSigned() && mask == -1)
          ? comparison.holds(Long.compare(masked, constant))
          : comparison.holds(Long.compareUnsigned(masked, constant));
    }

    @Override
    public boolean readsMemory() {
      return value.readsMemory();
    }
  }

  /// Compares a text with a pattern.
  record TextTest(TextValue value, TextPattern pattern) implements Condition {
    @Override
    public boolean holds(CallView call) {
      return pattern.matches(value.of(call));
    }

    @Override
    public boolean readsMemory() {
      return value.readsMemory();
    }
  }

  /// Whether a filter can give the answer.
  default boolean isOfRegisters() {
    return switch (this) {
      case Constant _ -> true;
      case Not(Condition operand) -> operand.isOfRegisters();
      case And(Condition left, Condition right) -> left.isOfRegisters() && right.isOfRegisters();
      case Or(Condition left, Condition right) -> left.isOfRegisters() && right.isOfRegisters();
      case NumberTest test -> test.value() instanceof NumberValue.Register;
      case TextTest _ -> false;
    };
  }

  /// Whether the answer depends on where a path leads, be it that of the caller's program or
  /// working directory: whoever can show another file there chooses the answer.
  default boolean readsPaths() {
    return switch (this) {
      case Constant _, NumberTest _ -> false;
      case Not(Condition operand) -> operand.readsPaths();
      case And(Condition left, Condition right) -> left.readsPaths() || right.readsPaths();
      case Or(Condition left, Condition right) -> left.readsPaths() || right.readsPaths();
      case TextTest(TextValue value, TextPattern _) -> isPath(value);
    };
  }

  /// Whether it depends on the path of the caller's program.
  default boolean readsPrograms() {
    return switch (this) {
      case Constant _, NumberTest _ -> false;
      case Not(Condition operand) -> operand.readsPrograms();
      case And(Condition left, Condition right) -> left.readsPrograms() || right.readsPrograms();
      case Or(Condition left, Condition right) -> left.readsPrograms() || right.readsPrograms();
      case TextTest(TextValue value, TextPattern _) -> value instanceof TextValue.Exe;
    };
  }

  private static boolean isPath(TextValue value) {
    return switch (value) {
      case TextValue.Path _, TextValue.Exe _, TextValue.WorkingDirectory _ -> true;
      case TextValue.OfAddress(TextValue.OfAddress.Part part) ->
          part == TextValue.OfAddress.Part.PATH;
      case TextValue.Argument _, TextValue.Comm _ -> false;
      case TextValue.Cgroup _, TextValue.OfContainer _ -> false;
    };
  }

  /// Whether it depends on where the `index`th path leads.
  default boolean readsPath(int index) {
    return switch (this) {
      case Constant _, NumberTest _ -> false;
      case Not(Condition operand) -> operand.readsPath(index);
      case And(Condition left, Condition right) -> left.readsPath(index) || right.readsPath(index);
      case Or(Condition left, Condition right) -> left.readsPath(index) || right.readsPath(index);
      case TextTest(TextValue value, TextPattern _) -> value.equals(new TextValue.Path(index));
    };
  }

  /// Whether the answer depends on the address of a socket.
  default boolean readsAddresses() {
    return switch (this) {
      case Constant _ -> false;
      case Not(Condition operand) -> operand.readsAddresses();
      case And(Condition left, Condition right) -> left.readsAddresses() || right.readsAddresses();
      case Or(Condition left, Condition right) -> left.readsAddresses() || right.readsAddresses();
      case NumberTest test -> test.value() instanceof NumberValue.OfAddress;
      case TextTest test -> test.value() instanceof TextValue.OfAddress;
    };
  }

  enum Comparison {
    EQ,
    NE,
    LT,
    LE,
    GT,
    GE;

    boolean holds(int compared) {
      return switch (this) {
        case EQ -> compared == 0;
        case NE -> compared != 0;
        case LT -> compared < 0;
        case LE -> compared <= 0;
        case GT -> compared > 0;
        case GE -> compared >= 0;
      };
    }
  }

  /// Both, with what is known and what is cheap first: registers decide many calls without a look
  /// at memory.
  static Condition and(Condition left, Condition right) {
    if (left.equals(Constant.FALSE) || right.equals(Constant.FALSE)) {
      return Constant.FALSE;
    }
    if (left.equals(Constant.TRUE)) {
      return right;
    }
    if (right.equals(Constant.TRUE)) {
      return left;
    }
    return left.readsMemory() && !right.readsMemory() ? new And(right, left) : new And(left, right);
  }

  static Condition or(Condition left, Condition right) {
    if (left.equals(Constant.TRUE) || right.equals(Constant.TRUE)) {
      return Constant.TRUE;
    }
    if (left.equals(Constant.FALSE)) {
      return right;
    }
    if (right.equals(Constant.FALSE)) {
      return left;
    }
    return left.readsMemory() && !right.readsMemory() ? new Or(right, left) : new Or(left, right);
  }

  static Condition not(Condition operand) {
    return switch (operand) {
      case Constant(boolean value) -> value ? Constant.FALSE : Constant.TRUE;
      case Not(Condition inner) -> inner;
      default -> new Not(operand);
    };
  }

  /// As deep as it must be and no deeper: conditions are evaluated by recursion.
  static Condition any(List<Condition> conditions) {
    int half = conditions.size() / 2;
    return switch (conditions.size()) {
      case 0 -> Constant.FALSE;
      case 1 -> conditions.getFirst();
      default ->
          or(any(conditions.subList(0, half)), any(conditions.subList(half, conditions.size())));
    };
  }
}
