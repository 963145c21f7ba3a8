package dev.sluice.supervisor.bpf;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What is known of one word of a call on the way through a program, and a value it has then.
final class WordFacts {
  /// A comparison of the masked word with a constant came out so.
  private record Fact(int mask, int code, int k, boolean holds) {
    boolean agrees(int value) {
      return Simulator.holds(code, value & mask, k) == holds;
    }
  }

  // how a value compares with a fact's constant in the bits that have been chosen so far
  private static final byte EQUAL = 0;
  private static final byte LESS = 1;
  private static final byte GREATER = 2;

  private final List<Fact> facts = new ArrayList<>();

  /// The example after each number of facts.
  private final List<Integer> examples = new ArrayList<>(List.of(0));

  int size() {
    return facts.size();
  }

  /// Forgets all but the first facts.
  void truncate(int size) {
    facts.subList(size, facts.size()).clear();
    examples.subList(size + 1, examples.size()).clear();
  }

  int example() {
    return examples.getLast();
  }

  /// Adds a fact. Returns false if no value agrees with it and all those before.
  boolean add(int mask, int code, int k, boolean holds) {
    var fact = new Fact(mask, code, k, holds);
    facts.add(fact);
    Optional<Integer> value =
        fact.agrees(example())
            ? Optional.of(example())
            : choose(Integer.SIZE, 0, new byte[facts.size()], new HashSet<>());
    examples.add(value.orElse(0));
    return value.isPresent();
  }

  /// Chooses the bits below `bit`, highest first, so that all facts agree. What matters of those
  /// above is only how they compare, so that few ways are left to try.
  private Optional<Integer> choose(int bit, int value, byte[] compared, Set<ByteBuffer> seen) {
    if (bit == 0) {
      return facts.stream().allMatch(fact -> fact.agrees(value))
          ? Optional.of(value)
          : Optional.empty();
    }
    byte[] place = new byte[compared.length + 1];
    System.arraycopy(compared, 0, place, 1, compared.length);
    place[0] = (byte) bit;
    if (!seen.add(ByteBuffer.wrap(place))) {
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
