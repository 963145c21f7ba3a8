package dev.sluice.supervisor.bpf;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
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
  private static final int MAX_STEPS = 4_000_000;

  /// Whether two answers are as good as one another, as equal ones always are.
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

  /// Looks for a call of number `nr` on which two filters do not agree, as [Finder] does.
  public static Optional<Divergence> find(
      Program first, Program second, int arch, int nr, Agreement agreement) {
    return new Finder(first, second, agreement).find(arch, nr);
  }

  /// Looks for calls on which two filters do not agree.
  public static final class Finder {
    private final Side first;
    private final Side second;
    private final Agreement agreement;

    public Finder(Program first, Program second, Agreement agreement) {
      var parts = new SameParts();
      this.first = new Side(first, parts.of(first));
      this.second = new Side(second, parts.of(second));
      this.agreement = agreement;
    }

    /// A call of number `nr`: follows every way through both at once, as far as there are arguments
    /// that lead there and until they do the same. Throws [TooComplex], and
    /// [IllegalArgumentException] if one computes more than masks.
    public Optional<Divergence> find(int arch, int nr) {
      return Optional.ofNullable(new Search(this, arch, nr).run());
    }
  }

  /// @param parts see [SameParts]
  private record Side(Program program, int[] parts) {
    Instruction at(Point point) {
      return program.instructions().get(point.pc);
    }

    int part(Point point) {
      return parts[point.pc];
    }
  }

  /// How far a program was followed. The accumulator holds a constant, or the word at offset `a`
  /// under `mask` if that is not 0.
  private record Point(int pc, int a, int mask) {
    static final Point START = new Point(0, 0, 0);

    boolean isAboutSame(Point other) {
      return a == other.a && mask == other.mask;
    }

    Point behind(Instruction jump, boolean taken) {
      return new Point(pc + 1 + (taken ? jump.jt() : jump.jf()), a, mask);
    }
  }

  private static final class Search {
    private final Side first;
    private final Side second;
    private final Agreement agreement;
    private final int arch;
    private final int nr;

    /// What holds on the present way of the words of the call that have been compared.
    private final Map<Integer, WordFacts> facts = new HashMap<>();

    /// Those that were added to, in this order.
    private final Deque<WordFacts> added = new ArrayDeque<>();

    private int steps;

    Search(Finder finder, int arch, int nr) {
      first = finder.first;
      second = finder.second;
      agreement = finder.agreement;
      this.arch = arch;
      this.nr = nr;
    }

    @Nullable Divergence run() {
      return walk(Point.START, Point.START);
    }

    private void spend(int more) {
      steps += more;
      if (steps > MAX_STEPS) {
        throw new TooComplex();
      }
    }

    /// Follows both programs. What is assumed on the way is left in [#facts].
    private @Nullable Divergence walk(Point from, Point fromOfSecond) {
      Point one = from;
      Point two = fromOfSecond;
      while (!isSame(one, two)) {
        one = advance(first, one);
        two = advance(second, two);
        if (isSame(one, two)) {
          return null;
        }
        Instruction ofFirst = first.at(one);
        Instruction ofSecond = second.at(two);
        if (ofFirst.isReturn() && ofSecond.isReturn()) {
          return answered(ofFirst.k(), ofSecond.k());
        }
        boolean leads = !ofFirst.isReturn();
        Point at = leads ? one : two;
        Instruction jump = leads ? ofFirst : ofSecond;
        boolean together =
            leads
                && one.isAboutSame(two)
                && jump.code() == ofSecond.code()
                && jump.k() == ofSecond.k();
        Point oneIfSo = leads ? one.behind(ofFirst, true) : one;
        Point twoIfSo = together || !leads ? two.behind(ofSecond, true) : two;
        int before = added.size();
        if (!isSame(oneIfSo, twoIfSo) && assume(at, jump, true)) {
          Divergence found = walk(oneIfSo, twoIfSo);
          if (found != null) {
            return found;
          }
        }
        forget(before);
        one = leads ? one.behind(ofFirst, false) : one;
        two = together || !leads ? two.behind(ofSecond, false) : two;
        if (isSame(one, two) || !assume(at, jump, false)) {
          return null;
        }
      }
      return null;
    }

    /// Whether both go on alike.
    private boolean isSame(Point one, Point two) {
      return first.part(one) == second.part(two)
          && (one.isAboutSame(two) || isWithoutAccumulator(first.at(one)));
    }

    private static boolean isWithoutAccumulator(Instruction instruction) {
      return switch (instruction.code()) {
        case Instruction.LD_ABS, Instruction.LD_IMM, Instruction.RET_K -> true;
        default -> false;
      };
    }

    /// As far as it goes without knowing more of the call: to a jump or the end.
    private Point advance(Side side, Point from) {
      int a = from.a;
      int mask = from.mask;
      for (int pc = from.pc; ; pc++) {
        spend(1);
        Instruction instruction = side.program.instructions().get(pc);
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
            return new Point(pc, a, mask);
          }
          case Instruction.JEQ_K, Instruction.JGT_K, Instruction.JGE_K, Instruction.JSET_K -> {
            if (mask != 0) {
              return new Point(pc, a, mask);
            }
            pc += Simulator.holds(instruction.code(), a, k) ? instruction.jt() : instruction.jf();
          }
          default ->
              throw new IllegalArgumentException(
                  "operation 0x" + Integer.toHexString(instruction.code()) + " is not compared");
        }
      }
    }

    /// Adds that the jump is taken, or not. Returns false if no arguments lead there.
    private boolean assume(Point at, Instruction jump, boolean taken) {
      WordFacts word = facts.computeIfAbsent(at.a, _ -> new WordFacts(this::spend));
      added.push(word);
      return word.add(at.mask, jump.code(), jump.k(), taken);
    }

    private void forget(int size) {
      while (added.size() > size) {
        added.pop().removeLast();
      }
    }

    private @Nullable Divergence answered(int answer, int answerOfSecond) {
      return agreement.agree(answer, answerOfSecond)
          ? null
          : new Divergence(example(), answer, answerOfSecond);
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
