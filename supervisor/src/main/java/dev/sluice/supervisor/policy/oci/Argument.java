package dev.sluice.supervisor.policy.oci;

/// A condition of a rule on one register.
///
/// @param index of the register, 0 to 5
/// @param mask the bits that are compared
/// @param constant what they are compared with, unsigned
record Argument(int index, Operator operator, long mask, long constant) {

  static Argument of(int index, Operator operator, long value, long valueTwo) {
    return operator == Operator.MASKED_EQ
        ? new Argument(index, operator, value, valueTwo)
        : new Argument(index, operator, -1, value);
  }

  /// As a condition of a YAML policy says it.
  @Override
  public String toString() {
    String register = "args[" + index + "]";
    String number = "0x" + Long.toHexString(constant);
    return switch (operator) {
      case NE -> register + " != " + number;
      case LT -> register + " < " + number;
      case LE -> register + " <= " + number;
      case EQ -> register + " == " + number;
      case GE -> register + " >= " + number;
      case GT -> register + " > " + number;
      case MASKED_EQ -> "(" + register + " & 0x" + Long.toHexString(mask) + ") == " + number;
    };
  }
}
