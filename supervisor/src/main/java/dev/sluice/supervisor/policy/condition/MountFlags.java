package dev.sluice.supervisor.policy.condition;

import dev.sluice.supervisor.kernel.Mounts;
import dev.sluice.supervisor.policy.condition.Condition.Comparison;
import dev.sluice.supervisor.policy.condition.Condition.NumberTest;
import dev.sluice.supervisor.target.CallKind;
import java.util.Set;

/// The flags of mount(2) as the kernel takes them: of a number with MS_MGC_VAL, which programs had
/// to give before Linux 2.4, it throws away all but the lower 16 bits. Some of the bits of that
/// magic are flags of today, so that whoever gives it would seem to ask for what is not done.
final class MountFlags {
  private static final long MAGIC_MASK = Integer.toUnsignedLong(Mounts.MS_MGC_MSK);
  private static final long MAGIC = Integer.toUnsignedLong(Mounts.MS_MGC_VAL);

  /// What is left beside the magic.
  private static final long KEPT = 0xffff;

  private MountFlags() {}

  /// Whether a variable is that; `args[3]` is the register.
  static boolean are(CallKind kind, String variable) {
    return kind.name().equals("mount") && Set.of("flags", "mountflags").contains(variable);
  }

  /// Whether a constant has the magic, which those flags never have.
  static boolean haveMagic(long constant) {
    return (constant & MAGIC_MASK) == MAGIC;
  }

  /// Compares `value & mask` with a constant.
  static Condition test(NumberValue value, long mask, Comparison comparison, long constant) {
    var asGiven = new NumberTest(value, mask, comparison, constant);
    long kept = mask & KEPT;
    if (kept == mask) {
      return asGiven;
    }
    Condition magic = new NumberTest(value, MAGIC_MASK, Comparison.EQ, MAGIC);
    return Condition.or(
        Condition.and(asGiven, Condition.not(magic)),
        Condition.and(magic, ofKept(value, kept, comparison, constant)));
  }

  private static Condition ofKept(
      NumberValue value, long mask, Comparison comparison, long constant) {
    int least = Long.compareUnsigned(0, constant);
    boolean isKnown = mask == 0 || Long.compareUnsigned(mask, constant) < 0;
    return isKnown
        ? new Condition.Constant(comparison.holds(least))
        : new NumberTest(value, mask, comparison, constant);
  }
}
