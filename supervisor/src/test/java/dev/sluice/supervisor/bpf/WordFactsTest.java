package dev.sluice.supervisor.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A value is found whenever there is one.
class WordFactsTest {
  private static final int VALUES = 16;
  private static final List<Integer> CODES =
      List.of(
          Instruction.JEQ_K,
          Instruction.JEQ_K,
          Instruction.JGT_K,
          Instruction.JGE_K,
          Instruction.JSET_K);

  /// Of a few values, all of which can be tried; facts come and go as on the ways through a
  /// program.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void itAgreesWithAllFacts(long seed) {
    var random = new Random(seed);
    int none = 0;
    for (int round = 0; round < 300; round++) {
      var word = new WordFacts(_ -> {});
      Deque<IntPredicate> facts = new ArrayDeque<>();
      assertThat(word.add(-1, Instruction.JGE_K, VALUES, false)).isTrue();
      for (int i = 0; i < 40; i++) {
        if (!facts.isEmpty() && random.nextInt(4) == 0) {
          word.removeLast();
          facts.pop();
        }
        int mask = random.nextInt(3) > 0 ? -1 : random.nextInt(1, VALUES);
        int code = CODES.get(random.nextInt(CODES.size()));
        int k = random.nextInt(VALUES);
        boolean holds = random.nextInt(4) == 0;
        facts.push(value -> Simulator.holds(code, value & mask, k) == holds);
        boolean possible =
            IntStream.range(0, VALUES)
                .anyMatch(value -> facts.stream().allMatch(fact -> fact.test(value)));

        assertThat(word.add(mask, code, k, holds)).as("seed %d", seed).isEqualTo(possible);
        if (possible) {
          assertThat(facts).allMatch(fact -> fact.test(word.example()));
        } else {
          word.removeLast();
          facts.pop();
          none++;
        }
      }
    }
    assertThat(none).isBetween(300, 11_000);
  }
}
