package dev.sluice.supervisor.policy.oci;

/// How a profile compares a register: `SCMP_CMP_` of seccomp_rule_add(3), unsigned.
enum Operator {
  NE,
  LT,
  LE,
  EQ,
  GE,
  GT,
  /// `(register & value) == valueTwo`
  MASKED_EQ;

  static final String PREFIX = "SCMP_CMP_";

  @Override
  public String toString() {
    return PREFIX + name();
  }
}
