package dev.sluice.supervisor.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.supervisor.kernel.Seccomp;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Where two filters differ is found, and nothing else.
class DivergenceTest {
  private static final int ARCH = 0xc000003e;
  private static final int NR = 5;

  private static Optional<Divergence> compare(Program a, Program b) {
    return Divergence.find(a, b, ARCH, NR, (first, second) -> first == second);
  }

  /// On values that lie where the comparisons of the graphs change, so that looking at some of them
  /// finds most differences there are.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void itIsFoundWhereverLookingAroundFindsOne(long seed) {
    var random = new Random(seed);
    int differ = 0;
    for (int round = 0; round < 150; round++) {
      var a = Assembler.assemble(new RandomGraph(random, 12).make());
      var b = random.nextInt(3) == 0 ? a : Assembler.assemble(new RandomGraph(random, 12).make());
      Optional<Divergence> found = compare(a, b);
      found.ifPresent(divergence -> {
        assertThat(Simulator.run(a, divergence.call()).action()).isEqualTo(divergence.first());
        assertThat(Simulator.run(b, divergence.call()).action()).isEqualTo(divergence.second());
        assertThat(divergence.first()).isNotEqualTo(divergence.second());
      });
      for (int i = 0; i < 400 && found.isEmpty(); i++) {
        var args = new long[6];
        for (int arg = 0; arg < 6; arg++) {
          args[arg] = RandomWords.wide(random);
        }
        var call = SeccompData.of(NR, ARCH, args);
        assertThat(Simulator.run(a, call).action())
            .as("round %d, seed %d, %s", round, seed, call)
            .isEqualTo(Simulator.run(b, call).action());
      }
      differ += found.isPresent() ? 1 : 0;
    }
    assertThat(differ).isBetween(20, 140);
  }

  @Test
  void theOneValueThatDiffersIsFound() {
    var nodes = new Nodes();
    Node allow = nodes.give(Seccomp.RET_ALLOW);
    Node deny = nodes.give(Seccomp.RET_ERRNO | 1);
    int low = SeccompData.low(2);
    // between 4096 and 8191, an odd number whose bit 6 is set, but for one
    Node bit = nodes.test(low, 0x41, Node.Comparison.EQUAL, 0x41, deny, allow);
    Node range =
        nodes.test(
            low,
            -1,
            Node.Comparison.AT_LEAST,
            4096,
            nodes.test(low, -1, Node.Comparison.GREATER, 8191, allow, bit),
            allow);
    Node hole = nodes.equal(low, 0x1fff, allow, range);
    assertThat(compare(Assembler.assemble(range), Assembler.assemble(hole)))
        .hasValue(
            new Divergence(
                SeccompData.of(NR, ARCH, 0, 0, 0x1fff), Seccomp.RET_ERRNO | 1, Seccomp.RET_ALLOW));
    assertThat(compare(Assembler.assemble(range), Assembler.assemble(range))).isEmpty();
  }

  /// More than can be tried in pairs.
  @Test
  void hundredsOfValuesAreComparedInWhateverOrder() {
    var values = new ArrayList<Integer>();
    for (int i = 1; i <= 900; i++) {
      values.add(i * 7);
    }
    var inOrder = oneOf(values);
    Collections.reverse(values);
    assertThat(compare(inOrder, oneOf(values))).isEmpty();
    Collections.shuffle(values, new Random(1));
    assertThat(compare(inOrder, oneOf(values))).isEmpty();
    values.set(450, 8);
    assertThat(compare(oneOf(values), inOrder)).isPresent();
    assertThat(compare(inOrder, oneOf(values))).isPresent();
  }

  private static Program oneOf(List<Integer> values) {
    var nodes = new Nodes();
    Node deny = nodes.give(Seccomp.RET_ERRNO | 1);
    Node node = nodes.give(Seccomp.RET_ALLOW);
    for (int value : values) {
      node = nodes.equal(SeccompData.low(1), value, deny, node);
    }
    return Assembler.assemble(node);
  }

  @Test
  void whatIsAgreedOnIsNoDifference() {
    var nodes = new Nodes();
    Node root =
        nodes.equal(
            SeccompData.low(0),
            1,
            nodes.give(Seccomp.RET_USER_NOTIF),
            nodes.give(Seccomp.RET_ALLOW));
    var asks = Assembler.assemble(root);
    var allows = Assembler.assemble(nodes.give(Seccomp.RET_ALLOW));
    Divergence.Agreement whereNotAsked =
        (first, second) -> first == Seccomp.RET_USER_NOTIF || first == second;
    assertThat(Divergence.find(asks, allows, ARCH, NR, whereNotAsked)).isEmpty();
    assertThat(Divergence.find(allows, asks, ARCH, NR, whereNotAsked)).isPresent();
  }

  @Test
  void everyNumberIsLookedAtByItself() {
    var nodes = new Nodes();
    Node allow = nodes.give(Seccomp.RET_ALLOW);
    Node deny = nodes.give(Seccomp.RET_ERRNO | 1);
    var five = Assembler.assemble(nodes.equal(SeccompData.NR, 5, deny, allow));
    var all = Assembler.assemble(allow);
    Set<Integer> differing = new HashSet<>();
    for (int nr = 0; nr < 10; nr++) {
      int number = nr;
      Divergence.find(five, all, ARCH, nr, (a, b) -> a == b).ifPresent(_ -> differing.add(number));
    }
    assertThat(differing).containsExactly(5);
  }

  @Test
  void whatComputesMoreThanMasksIsRefused() {
    var program =
        new Program(
            List.of(
                new Instruction(Instruction.LD_ABS, 0, 0, SeccompData.low(0)),
                new Instruction(Instruction.ADD_K, 0, 0, 1),
                new Instruction(Instruction.RET_A, 0, 0, 0)));
    assertThat(compare(program, program)).isEmpty(); // whatever it computes
    assertThatThrownBy(() -> compare(program, Assembler.assemble(new Nodes().give(1))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("operation 0x4 is not compared");
  }
}
