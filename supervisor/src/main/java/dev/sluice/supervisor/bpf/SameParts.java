package dev.sluice.supervisor.bpf;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Which parts of programs do the same: from each instruction on, what is executed has a number,
/// and equal ones are executed alike, wherever they stand.
final class SameParts {
  /// An instruction but for where it jumps to, and the numbers of what comes next.
  private record Part(int code, int k, int ifSo, int ifNot) {}

  private static final int NOTHING = -1;

  private final Map<Part, Integer> parts = new HashMap<>();

  /// The numbers of the parts of `program`, among those of all programs that were given.
  int[] of(Program program) {
    List<Instruction> instructions = program.instructions();
    int[] numbers = new int[instructions.size()];
    for (int pc = numbers.length - 1; pc >= 0; pc--) {
      numbers[pc] = number(instructions.get(pc), pc + 1, numbers); // jumps lead forward only
    }
    return numbers;
  }

  private int number(Instruction instruction, int next, int[] numbers) {
    int code = instruction.code();
    int k = instruction.k();
    if (instruction.isReturn()) {
      return number(new Part(code, k, NOTHING, NOTHING));
    }
    if (code == Instruction.JA) {
      return numbers[next + k];
    }
    if (!instruction.isConditionalJump()) {
      return number(new Part(code, k, numbers[next], NOTHING));
    }
    int ifSo = numbers[next + instruction.jt()];
    int ifNot = numbers[next + instruction.jf()];
    return ifSo == ifNot ? ifSo : number(new Part(code, k, ifSo, ifNot));
  }

  private int number(Part part) {
    return parts.computeIfAbsent(part, _ -> parts.size());
  }
}
