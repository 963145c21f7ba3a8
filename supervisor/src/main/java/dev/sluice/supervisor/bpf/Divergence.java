package dev.sluice.supervisor.bpf;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A call that two filters answer differently.
///
/// @param first the `SECCOMP_RET_` value of one
/// @param second that of the other
public record Divergence(SeccompData call, int first, int second) {
  private static final int MAX_STEPS = 200_000;

  /// Whether two answers are as good as one another.
  public interface Agreement {
    boolean agree(int first, int second);
  }

  /// Both filters are too long to be compared on every way through them.
  public static final class TooComplex extends RuntimeException {
    private static final long serialVersionUID = 1;

    TooComplex() {
      super("more than " + MAX_STEPS + " steps");
    }
  }

  /// Looks for a call of number `nr` on which two filters do not agree: follows every way through
  /// both, as far as there are arguments that lead there. Throws [TooComplex], and
  /// [IllegalArgumentException] if one computes more than masks.
  public static Optional<Divergence> find(
      Program first, Program second, int arch, int nr, Agreement agreement) {
    return Optional.ofNullable(new Search(first, second, arch, nr, agreement).run());
  }

  private static final class Search {
    private final Program first;
    private final Program second;
    private final int arch;
    private final int nr;
    private final Agreement agreement;

    /// What holds on the present way of the words of the call that have been compared.
    private final Map<Integer, WordFacts> facts = new HashMap<>();

    private int steps;

    Search(Program first, Program second, int arch, int nr, Agreement agreement) {
      this.first = first;
      this.second = second;
      this.arch = arch;
      this.nr = nr;
      this.agreement = agreement;
    }

    @Nullable Divergence run() {
      return walk(first, 0, 0, 0, null);
    }

    /// Follows one program from `pc`; `firstAnswer` is what the other said on this way, if this is
    /// the second. The accumulator holds a constant, or the word at `offset` under `mask` if that
    /// is not 0.
    private @Nullable Divergence walk(
        Program program, int start, int accumulator, int wordMask, @Nullable Integer firstAnswer) {
      int a = accumulator;
      int mask = wordMask;
      for (int pc = start; ; pc++) {
        if (++steps > MAX_STEPS) {
          throw new TooComplex();
        }
        Instruction instruction = program.instructions().get(pc);
        int k = instruction.k();
        switch (instruction.code()) {
          case Instruction.LD_ABS -> {
            mask = k == SeccompData.NR || k == SeccompData.ARCH ? 0 : -1;
            a = mask == -1 ? k : k == SeccompData.NR ? nr : arch;
          }
          case Instruction.LD_IMM -> {
            a = k;
            mask = 0;
          }
          case Instruction.AND_K -> {
            if (mask == 0) {
              a &= k;
            } else if ((mask & k) == 0) {
              a = 0;
              mask = 0;
            } else {
              mask &= k;
            }
          }
          case Instruction.JA -> pc += k;
          case Instruction.RET_K -> {
            return answered(k, firstAnswer);
          }
          case Instruction.JEQ_K, Instruction.JGT_K, Instruction.JGE_K, Instruction.JSET_K -> {
            if (mask == 0) {
              pc += Simulator.holds(instruction.code(), a, k) ? instruction.jt() : instruction.jf();
            } else {
              return branch(program, pc, a, mask, firstAnswer);
            }
          }
          default ->
              throw new IllegalArgumentException(
                  "operation 0x" + Integer.toHexString(instruction.code()) + " is not compared");
        }
      }
    }

    private @Nullable Divergence branch(
        Program program, int pc, int offset, int mask, @Nullable Integer firstAnswer) {
      Instruction jump = program.instructions().get(pc);
      WordFacts word = facts.computeIfAbsent(offset, _ -> new WordFacts());
      for (boolean taken : new boolean[] {true, false}) {
        int before = word.size();
        if (word.add(mask, jump.code(), jump.k(), taken)) {
          int next = pc + 1 + (taken ? jump.jt() : jump.jf());
          Divergence found = walk(program, next, offset, mask, firstAnswer);
          if (found != null) {
            return found;
          }
        }
        word.truncate(before);
      }
      return null;
    }

    private @Nullable Divergence answered(int action, @Nullable Integer firstAnswer) {
      if (firstAnswer == null) {
        return walk(second, 0, 0, 0, action);
      }
      return agreement.agree(firstAnswer, action)
          ? null
          : new Divergence(example(), firstAnswer, action);
    }

    /// A call that leads along the present way.
    private SeccompData example() {
      var args = new long[SeccompData.ARGS];
      long pointer = 0;
      for (var word : facts.entrySet()) {
        int offset = word.getKey();
        long value = Integer.toUnsignedLong(word.getValue().example());
        long shifted = (offset & 4) == 0 ? value : value << Integer.SIZE;
        if (offset < SeccompData.low(0)) {
          pointer |= shifted;
        } else {
          args[(offset - SeccompData.low(0)) / Long.BYTES] |= shifted;
        }
      }
      var six = new ArrayList<Long>();
      for (long arg : args) {
        six.add(arg);
      }
      return new SeccompData(nr, arch, pointer, List.copyOf(six));
    }
  }
}
