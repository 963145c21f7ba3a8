package dev.sluice.supervisor.bpf;

import static dev.sluice.supervisor.bpf.Instruction.X;

import java.util.function.IntUnaryOperator;

/// Runs a filter as the kernel does (net/core/filter.c), and counts what it executes.
public final class Simulator {
  /// What a filter returned, a `SECCOMP_RET_` value, and after how many instructions.
  public record Outcome(int action, int executed) {}

  private Simulator() {}

  public static Outcome run(Program program, SeccompData data) {
    return run(program, data::word);
  }

  /// The same for a call of which not everything need be known.
  ///
  /// @param word the 32 bits at an offset in `struct seccomp_data`
  public static Outcome run(Program program, IntUnaryOperator word) {
    var instructions = program.instructions();
    int[] memory = new int[16];
    int a = 0;
    int x = 0;
    int executed = 0;
    for (int pc = 0; pc < instructions.size(); pc++) {
      Instruction instruction = instructions.get(pc);
      executed++;
      int k = instruction.k();
      switch (instruction.code()) {
        case Instruction.LD_ABS -> a = word.applyAsInt(k);
        case Instruction.LD_IMM -> a = k;
        case Instruction.LDX_IMM -> x = k;
        case Instruction.LD_MEM -> a = memory[k];
        case Instruction.LDX_MEM -> x = memory[k];
        case Instruction.ST -> memory[k] = a;
        case Instruction.STX -> memory[k] = x;
        case Instruction.TAX -> x = a;
        case Instruction.TXA -> a = x;
        case Instruction.RET_K -> {
          return new Outcome(k, executed);
        }
        case Instruction.RET_A -> {
          return new Outcome(a, executed);
        }
        case Instruction.JA -> pc += k;
        default -> {
          int operand = (instruction.code() & X) != 0 ? x : k;
          if (instruction.isConditionalJump()) {
            pc += holds(instruction.code() & ~X, a, operand) ? instruction.jt() : instruction.jf();
          } else if (isDivision(instruction) && operand == 0) {
            return new Outcome(0, executed);
          } else {
            a = compute(instruction.code() & ~X, a, operand);
          }
        }
      }
    }
    throw new IllegalArgumentException("the program runs past its end");
  }

  private static boolean isDivision(Instruction instruction) {
    return (instruction.code() & ~X) == Instruction.DIV_K;
  }

  /// Whether a conditional jump is taken.
  static boolean holds(int code, int a, int operand) {
    return switch (code) {
      case Instruction.JEQ_K -> a == operand;
      case Instruction.JGT_K -> Integer.compareUnsigned(a, operand) > 0;
      case Instruction.JGE_K -> Integer.compareUnsigned(a, operand) >= 0;
      case Instruction.JSET_K -> (a & operand) != 0;
      default -> throw unknown(code);
    };
  }

  private static int compute(int code, int a, int operand) {
    return switch (code) {
      case Instruction.ADD_K -> a + operand;
      case Instruction.SUB_K -> a - operand;
      case Instruction.MUL_K -> a * operand;
      case Instruction.DIV_K -> Integer.divideUnsigned(a, operand);
      case Instruction.OR_K -> a | operand;
      case Instruction.AND_K -> a & operand;
      case Instruction.XOR_K -> a ^ operand;
      case Instruction.LSH_K -> a << operand;
      case Instruction.RSH_K -> a >>> operand;
      case Instruction.NEG -> -a;
      default -> throw unknown(code);
    };
  }

  private static IllegalArgumentException unknown(int code) {
    return new IllegalArgumentException("no such operation: 0x" + Integer.toHexString(code));
  }
}
