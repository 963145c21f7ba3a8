package dev.sluice.supervisor.bpf;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntConsumer;

/// What is known of one word of a call on the way through a program, and a value it has then.
final class WordFacts {
  /// A comparison of the masked word with a constant came out so.
  private record Fact(int mask, int code, int k, boolean holds) {
    boolean agrees(int value) {
      return Simulator.holds(code, value & mask, k) == holds;
    }

    /// Whether it is that the word is not `k`: of these there may be very many.
    boolean excludesOne() {
      return code == Instruction.JEQ_K && mask == -1 && !holds;
    }

    /// The bits it leaves no choice of.
    int known() {
      return code == Instruction.JEQ_K && holds ? mask : 0;
    }
  }

  /// What is known after a fact.
  ///
  /// @param known the bits of `example` that all values have
  /// @param isNew whether the fact says more than those before
  private record State(Fact fact, int example, int known, boolean isNew) {}

  /// @param prefix the bits above, if values that begin with them are excluded, or -1
  private record Place(int bit, long prefix, ByteBuffer compared) {}

  // how a value compares with a fact's constant in the bits that have been chosen so far
  private static final byte EQUAL = 0;
  private static final byte LESS = 1;
  private static final byte GREATER = 2;

  /// The facts but for those that exclude one value, and those that say nothing new.
  private final List<Fact> facts = new ArrayList<>();

  private final TreeSet<Long> excluded = new TreeSet<>();
  private final List<State> states = new ArrayList<>();
  private final IntConsumer spend;

  /// @param spend is told how many steps are made
  WordFacts(IntConsumer spend) {
    this.spend = spend;
  }

  int example() {
    return states.isEmpty() ? 0 : states.getLast().example;
  }

  /// Adds a fact. Returns false if no value agrees with it and all those before; then it can only
  /// be removed.
  boolean add(int mask, int code, int k, boolean holds) {
    var fact = new Fact(mask, code, k, holds);
    int known = states.isEmpty() ? 0 : states.getLast().known;
    if ((mask & ~known) == 0) {
      states.add(new State(fact, example(), known, false));
      return fact.agrees(example());
    }
    boolean isNew = !fact.excludesOne() || excluded.add(Integer.toUnsignedLong(k));
    if (!fact.excludesOne()) {
      facts.add(fact);
    }
    Optional<Integer> value =
        fact.agrees(example())
            ? Optional.of(example())
            : choose(Integer.SIZE, 0, new byte[facts.size()], new HashSet<>());
    states.add(new State(fact, value.orElse(0), known | fact.known(), isNew));
    return value.isPresent();
  }

  /// Forgets the fact that was added last.
  void removeLast() {
    State state = states.removeLast();
    if (!state.isNew) {
      return;
    }
    if (state.fact.excludesOne()) {
      excluded.remove(Integer.toUnsignedLong(state.fact.k));
    } else {
      facts.removeLast();
    }
  }

  /// Chooses the bits below `bit`, highest first, so that all facts agree. What matters of those
  /// above is only how they compare, and what is excluded below, so that few ways are left to try.
  private Optional<Integer> choose(int bit, int value, byte[] compared, Set<Place> seen) {
    spend.accept(1 + compared.length);
    long from = Integer.toUnsignedLong(value);
    Set<Long> below = excluded.subSet(from, from + (1L << bit));
    if (bit == 0) {
      return below.isEmpty() && facts.stream().allMatch(fact -> fact.agrees(value))
          ? Optional.of(value)
          : Optional.empty();
    }
    if (!seen.add(new Place(bit, below.isEmpty() ? -1 : from, ByteBuffer.wrap(compared)))) {
      return Optional.empty();
    }
    for (int choice = 0; choice <= 1; choice++) {
      Optional<byte[]> next = compare(bit - 1, choice, compared);
      if (next.isPresent()) {
        Optional<Integer> found = choose(bit - 1, value | choice << (bit - 1), next.get(), seen);
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return Optional.empty();
  }

  /// How values compare with one bit more; empty if a fact can no longer agree.
  private Optional<byte[]> compare(int bit, int choice, byte[] compared) {
    byte[] next = compared.clone();
    for (int i = 0; i < next.length; i++) {
      Fact fact = facts.get(i);
      int chosen = choice & fact.mask >>> bit;
      int constant = fact.k >>> bit & 1;
      if (fact.code == Instruction.JSET_K) {
        next[i] |= (byte) (chosen & constant);
      } else if (next[i] == EQUAL && chosen != constant) {
        next[i] = chosen < constant ? LESS : GREATER;
      }
      if (next[i] != EQUAL && holdsFor(fact, next[i]) != fact.holds) {
        return Optional.empty();
      }
    }
    return Optional.of(next);
  }

  /// What a comparison says of values that compare like this, once that is not [#EQUAL].
  private static boolean holdsFor(Fact fact, byte compared) {
    return switch (fact.code) {
      case Instruction.JEQ_K -> false;
      case Instruction.JSET_K -> true;
      default -> compared == GREATER;
    };
  }
}
