package dev.sluice.supervisor.bpf;

import java.util.List;

/// `struct seccomp_data` of linux/seccomp.h: what a filter sees of a call.
public record SeccompData(int nr, int arch, long instructionPointer, List<Long> args) {
  /// Offsets in it, for [Instruction#LD_ABS].
  public static final int NR = 0;

  public static final int ARCH = 4;
  public static final int SIZE = 64;

  /// How many arguments it has.
  public static final int ARGS = 6;

  public SeccompData {
    if (args.size() != ARGS) {
      throw new IllegalArgumentException("six arguments, not " + args.size());
    }
    args = List.copyOf(args);
  }

  public static SeccompData of(int nr, int arch, long... args) {
    var six = new Long[ARGS];
    for (int i = 0; i < ARGS; i++) {
      six[i] = i < args.length ? args[i] : 0L;
    }
    return new SeccompData(nr, arch, 0, List.of(six));
  }

  /// The offset of the low half of an argument, on little-endian machines.
  public static int low(int arg) {
    return 16 + 8 * arg;
  }

  public static int high(int arg) {
    return low(arg) + 4;
  }

  /// The 32-bit word at `offset`, which must be a multiple of 4 below [#SIZE].
  public int word(int offset) {
    return switch (offset) {
      case NR -> nr;
      case ARCH -> arch;
      case 8 -> (int) instructionPointer;
      case 12 -> (int) (instructionPointer >>> 32);
      default -> {
        long arg = args.get((offset - 16) / 8);
        yield (offset & 4) == 0 ? (int) arg : (int) (arg >>> 32);
      }
    };
  }
}
