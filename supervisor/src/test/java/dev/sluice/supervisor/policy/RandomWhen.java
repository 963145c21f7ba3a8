package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.syscall.Signature;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/// Random conditions in the language of policies, with what they mean by the C types of the call's
/// parameters: computed from nothing that the compiler uses.
public final class RandomWhen {
  /// A path for which `path.under` below is true.
  static final String INSIDE = "/nowhere/file";

  private static final List<String> OPERATORS = List.of("==", "!=", "<", "<=", ">", ">=");

  /// A register as the kernel's function sees it.
  private record Argument(String name, int register, int bits, boolean signed) {
    long of(long[] registers) {
      int unused = Long.SIZE - bits;
      long shifted = registers[register] << unused;
      return signed ? shifted >> unused : shifted >>> unused;
    }

    int compare(long[] registers, long constant) {
      long value = of(registers);
      return signed ? Long.compare(value, constant) : Long.compareUnsigned(value, constant);
    }
  }

  public sealed interface Expression {
    /// Its value, if it can be told.
    ///
    /// @param path whether the path lies inside
    Optional<Boolean> value(long[] registers, Optional<Boolean> path);
  }

  private record Compared(Argument number, String operator, long constant, boolean mirrored)
      implements Expression {
    @Override
    public Optional<Boolean> value(long[] registers, Optional<Boolean> path) {
      int compared = number.compare(registers, constant);
      return Optional.of(holds(operator, compared));
    }

    @Override
    public String toString() {
      return mirrored
          ? constant + " " + mirror() + " " + number.name
          : number.name + " " + operator + " " + constant;
    }

    private String mirror() {
      return switch (operator.charAt(0)) {
        case '<' -> operator.replace('<', '>');
        case '>' -> operator.replace('>', '<');
        default -> operator;
      };
    }
  }

  private record Has(Argument number, long bits) implements Expression {
    @Override
    public Optional<Boolean> value(long[] registers, Optional<Boolean> path) {
      return Optional.of((number.of(registers) & bits) == bits);
    }

    @Override
    public String toString() {
      return number.name + ".has(" + bits + ")";
    }
  }

  private record Masked(Argument number, long mask, String operator, long constant)
      implements Expression {
    @Override
    public Optional<Boolean> value(long[] registers, Optional<Boolean> path) {
      return Optional.of(
          holds(operator, Long.compareUnsigned(number.of(registers) & mask, constant)));
    }

    @Override
    public String toString() {
      return "math.bitAnd(%s, %d) %s %d".formatted(number.name, mask, operator, constant);
    }
  }

  private record In(Argument number, List<Long> constants) implements Expression {
    @Override
    public Optional<Boolean> value(long[] registers, Optional<Boolean> path) {
      return Optional.of(constants.contains(number.of(registers)));
    }

    @Override
    public String toString() {
      return number.name + " in " + constants;
    }
  }

  private record Inside() implements Expression {
    @Override
    public Optional<Boolean> value(long[] registers, Optional<Boolean> path) {
      return path;
    }

    @Override
    public String toString() {
      return "path.under(\"/nowhere\")";
    }
  }

  private record Not(Expression operand) implements Expression {
    @Override
    public Optional<Boolean> value(long[] registers, Optional<Boolean> path) {
      return operand.value(registers, path).map(value -> !value);
    }

    @Override
    public String toString() {
      return "!(" + operand + ")";
    }
  }

  /// Both or either. One side decides it if it has the value `decisive`, even if the other is not
  /// known.
  private record Joined(Expression left, Expression right, boolean decisive) implements Expression {
    @Override
    public Optional<Boolean> value(long[] registers, Optional<Boolean> path) {
      Optional<Boolean> a = left.value(registers, path);
      Optional<Boolean> b = right.value(registers, path);
      if (a.equals(Optional.of(decisive)) || b.equals(Optional.of(decisive))) {
        return Optional.of(decisive);
      }
      return a.isEmpty() || b.isEmpty() ? Optional.empty() : Optional.of(!decisive);
    }

    @Override
    public String toString() {
      return "(" + left + (decisive ? " || " : " && ") + right + ")";
    }
  }

  private final Random random;
  private final List<Argument> numbers;
  private final boolean paths;

  private static boolean holds(String operator, int compared) {
    return switch (operator) {
      case "==" -> compared == 0;
      case "!=" -> compared != 0;
      case "<" -> compared < 0;
      case "<=" -> compared <= 0;
      case ">" -> compared > 0;
      default -> compared >= 0;
    };
  }

  private RandomWhen(Arch arch, String call, Random random, boolean paths) {
    this.random = random;
    this.numbers = numbers(arch, call);
    this.paths = paths;
  }

  public static Expression ofRegisters(Arch arch, String call, Random random) {
    return new RandomWhen(arch, call, random, false).expression(3);
  }

  public static Expression withPaths(Arch arch, String call, Random random) {
    var when = new RandomWhen(arch, call, random, true);
    Expression right = new Joined(new Inside(), when.expression(2), random.nextBoolean());
    return new Joined(when.expression(3), right, random.nextBoolean());
  }

  /// Registers at the ends of ranges, with anything in the halves and bits that do not count.
  public static long[] registers(Arch arch, Random random) {
    var registers = new long[6];
    for (int i = 0; i < registers.length; i++) {
      long value = word(random);
      registers[i] = arch.is64Bit() ? value : value & 0xffff_ffffL;
    }
    return registers;
  }

  private static long word(Random random) {
    long value = (1L << random.nextInt(Long.SIZE)) + random.nextInt(3) - 1;
    return switch (random.nextInt(4)) {
      case 0 -> random.nextInt(-2, 4);
      case 1 -> -value;
      case 2 -> (long) random.nextInt() << 32 | (value & 0xffff_ffffL);
      default -> value;
    };
  }

  private Expression expression(int depth) {
    int choice = depth == 0 ? 3 : random.nextInt(5);
    return switch (choice) {
      case 0 -> new Not(expression(depth - 1));
      case 1 -> new Joined(expression(depth - 1), expression(depth - 1), true);
      case 2 -> new Joined(expression(depth - 1), expression(depth - 1), false);
      default -> paths && random.nextInt(4) == 0 ? new Inside() : test();
    };
  }

  private Expression test() {
    Argument number = numbers.get(random.nextInt(numbers.size()));
    return switch (random.nextInt(7)) {
      case 0 -> {
        long mask = constant(number) & mask(number) & Long.MAX_VALUE;
        yield new Masked(number, mask, operator(), constant(number) & mask);
      }
      case 2 -> {
        long bits = constant(number) & mask(number) & Long.MAX_VALUE;
        yield new Has(number, bits == 0 ? 1 : bits); // who asks for no bits is corrected
      }
      case 1 -> new In(number, List.of(constant(number), constant(number), constant(number)));
      default -> new Compared(number, operator(), constant(number), random.nextInt(4) == 0);
    };
  }

  private String operator() {
    return OPERATORS.get(random.nextInt(OPERATORS.size()));
  }

  private static long mask(Argument number) {
    return -1L >>> (Long.SIZE - number.bits);
  }

  /// A constant the number can be.
  private long constant(Argument number) {
    long min = number.signed ? -1L << (number.bits - 1) : 0;
    long max = number.signed ? ~min : mask(number) & Long.MAX_VALUE;
    return switch (random.nextInt(5)) {
      case 0 -> min + random.nextInt(2);
      case 1 -> max - random.nextInt(2);
      case 2 -> Math.clamp(random.nextInt(-2, 3), min, max);
      default -> Math.clamp(word(random), min, max);
    };
  }

  private static List<Argument> numbers(Arch arch, String call) {
    var numbers = new ArrayList<Argument>();
    var parameters = Signature.of(arch, call).orElseThrow().parameters();
    int word = arch.is64Bit() ? 64 : 32;
    for (int i = 0; i < parameters.size(); i++) {
      String name = parameters.get(i).name();
      switch (parameters.get(i).type()) {
        case INT, FD, DIRFD, PID -> numbers.add(new Argument(name, i, 32, true));
        case UINT, FLAGS -> numbers.add(new Argument(name, i, 32, false));
        case UID, GID -> numbers.add(new Argument(name, i, arch == Arch.I386 ? 16 : 32, false));
        case MODE -> numbers.add(new Argument(name, i, 16, false));
        case LONG -> numbers.add(new Argument(name, i, word, true));
        case ULONG, SIZE -> numbers.add(new Argument(name, i, word, false));
        default -> {}
      }
    }
    for (int i = 0; i < 6; i++) {
      numbers.add(new Argument("args[" + i + "]", i, word, false));
    }
    return numbers;
  }
}
