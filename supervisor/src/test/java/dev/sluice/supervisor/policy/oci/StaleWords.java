package dev.sluice.supervisor.policy.oci;

import dev.sluice.supervisor.bpf.Instruction;
import dev.sluice.supervisor.bpf.Program;
import dev.sluice.supervisor.bpf.SeccompData;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Comparisons of a program that look at one word of the call or at another, depending on the way
/// they were reached: it jumps over a load that one of the ways needs. libseccomp makes them where
/// comparisons follow each other in more than one way; see `src/docs/oci.md`.
final class StaleWords {
  /// What the accumulator holds.
  private record Word(int offset, int mask) {}

  private final Program program;
  private final List<Set<Word>> words = new ArrayList<>();

  private StaleWords(Program program) {
    this.program = program;
    program.instructions().forEach(_ -> words.add(new HashSet<>()));
    // jumps go forward, so whoever comes here has been seen before
    for (int at = 0; at < program.size(); at++) {
      spread(at, program.instructions().get(at));
    }
  }

  private void spread(int at, Instruction instruction) {
    int k = instruction.k();
    Set<Word> before = words.get(at);
    switch (instruction.code()) {
      case Instruction.LD_ABS -> words.get(at + 1).add(new Word(k, -1));
      case Instruction.AND_K ->
          before.forEach(word -> words.get(at + 1).add(new Word(word.offset, word.mask & k)));
      case Instruction.JA -> words.get(at + 1 + k).addAll(before);
      case Instruction.RET_K -> {}
      default -> {
        words.get(at + 1 + instruction.jt()).addAll(before);
        words.get(at + 1 + instruction.jf()).addAll(before);
      }
    }
  }

  private boolean isStale(int at) {
    return program.instructions().get(at).isConditionalJump() && words.get(at).size() > 1;
  }

  /// Whether the program decides this call by such a comparison.
  static boolean decide(Program program, SeccompData call) {
    var stale = new StaleWords(program);
    int accumulator = 0;
    for (int at = 0; ; at++) {
      Instruction instruction = program.instructions().get(at);
      int k = instruction.k();
      if (stale.isStale(at)) {
        return true;
      }
      switch (instruction.code()) {
        case Instruction.LD_ABS -> accumulator = call.word(k);
        case Instruction.AND_K -> accumulator &= k;
        case Instruction.JA -> at += k;
        case Instruction.RET_K -> {
          return false;
        }
        default -> {
          int compared = Integer.compareUnsigned(accumulator, k);
          boolean holds =
              switch (instruction.code()) {
                case Instruction.JEQ_K -> compared == 0;
                case Instruction.JGT_K -> compared > 0;
                case Instruction.JGE_K -> compared >= 0;
                default -> throw new IllegalArgumentException(instruction.toString());
              };
          at += holds ? instruction.jt() : instruction.jf();
        }
      }
    }
  }
}
