package dev.sluice.supervisor.bpf;

import dev.sluice.supervisor.kernel.Seccomp;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Programs of every instruction seccomp(2) takes, such that the kernel accepts them and their
/// result tells 12 bits of the accumulator.
final class RandomProgram {
  private static final int MEMORY_WORDS = 16;
  private static final List<Integer> ARITHMETIC =
      List.of(
          Instruction.ADD_K,
          Instruction.SUB_K,
          Instruction.MUL_K,
          Instruction.DIV_K,
          Instruction.OR_K,
          Instruction.AND_K,
          Instruction.XOR_K,
          Instruction.LSH_K,
          Instruction.RSH_K);
  private static final List<Integer> JUMPS =
      List.of(Instruction.JEQ_K, Instruction.JGT_K, Instruction.JGE_K, Instruction.JSET_K);

  private final Random random;
  private final List<Instruction> instructions = new ArrayList<>();

  RandomProgram(Random random) {
    this.random = random;
  }

  Program make() {
    add(Instruction.LD_IMM, RandomWords.narrow(random));
    for (int i = 0; i < MEMORY_WORDS; i++) {
      add(Instruction.ST, i); // the kernel lets no program load what it may not have stored
    }
    add(Instruction.LDX_IMM, RandomWords.narrow(random));
    int body = 20 + random.nextInt(40);
    for (int i = 0; i < body; i++) {
      step(body - i - 1);
    }
    add(Instruction.RSH_K, 12 * random.nextInt(3));
    add(Instruction.AND_K, 0xfff);
    add(Instruction.OR_K, Seccomp.RET_ERRNO);
    add(Instruction.RET_A, 0);
    return new Program(instructions);
  }

  /// @param left how many instructions follow before the end, which a jump must not miss
  private void step(int left) {
    int word = random.nextInt(MEMORY_WORDS);
    switch (random.nextInt(14)) {
      case 0, 1, 2 -> add(Instruction.LD_ABS, field());
      case 3 -> add(Instruction.LD_IMM, RandomWords.narrow(random));
      case 4 -> add(Instruction.LDX_IMM, RandomWords.narrow(random));
      case 5 -> add(Instruction.LD_MEM, word);
      case 6 -> add(Instruction.LDX_MEM, word);
      case 7 -> add(Instruction.ST, word);
      case 8 -> add(Instruction.STX, word);
      case 9 -> add(random.nextBoolean() ? Instruction.TAX : Instruction.TXA, 0);
      case 10 -> add(Instruction.NEG, 0);
      case 11 -> jump(left);
      default -> arithmetic();
    }
  }

  private int field() {
    // not the instruction pointer, which is another in every process
    return random.nextInt(4) == 0 ? 4 * random.nextInt(2) : 16 + 4 * random.nextInt(12);
  }

  private void arithmetic() {
    int code = ARITHMETIC.get(random.nextInt(ARITHMETIC.size()));
    if (random.nextBoolean()) {
      add(code | Instruction.X, 0);
      return;
    }
    int k = RandomWords.narrow(random);
    boolean shift = code == Instruction.LSH_K || code == Instruction.RSH_K;
    if (shift) {
      k &= 31; // the kernel refuses more, and a constant 0 to divide by
    } else if (code == Instruction.DIV_K && k == 0) {
      k = 3;
    }
    add(code, k);
  }

  private void jump(int left) {
    if (random.nextInt(5) == 0) {
      add(Instruction.JA, random.nextInt(left + 1));
      return;
    }
    int x = random.nextBoolean() ? Instruction.X : 0;
    int code = JUMPS.get(random.nextInt(JUMPS.size())) | x;
    int jt = random.nextInt(left + 1);
    int jf = random.nextInt(left + 1);
    int k = x == 0 ? RandomWords.narrow(random) : 0;
    instructions.add(new Instruction(code, jt, jf, k));
  }

  private void add(int code, int k) {
    instructions.add(new Instruction(code, 0, 0, k));
  }
}
