package dev.sluice.supervisor.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.bpf.Node.Comparison;
import dev.sluice.supervisor.kernel.Seccomp;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SimplifierTest {
  private static final int LOW = SeccompData.low(0);
  private static final int HIGH = SeccompData.high(0);

  private final Nodes nodes = new Nodes();
  private final Node allow = nodes.give(Seccomp.RET_ALLOW);
  private final Node log = nodes.give(Seccomp.RET_LOG);
  private final Node trap = nodes.give(Seccomp.RET_TRAP);

  @Test
  void asksOnlyOnceWhatConditionsHaveInCommon() {
    // high == 0 && low == 1, or else high == 0 && low == 2
    Node second = nodes.equal(HIGH, 0, nodes.equal(LOW, 2, log, allow), allow);
    Node first = nodes.equal(HIGH, 0, nodes.equal(LOW, 1, trap, second), second);
    assertThat(Simplifier.simplify(nodes, first))
        .isSameAs(
            nodes.equal(
                HIGH, 0, nodes.equal(LOW, 1, trap, nodes.equal(LOW, 2, log, allow)), allow));
  }

  @Test
  void doesNotAskWhatARangeExcludes() {
    Node above = nodes.test(LOW, -1, Comparison.GREATER, 9, log, trap);
    assertThat(
            Simplifier.simplify(
                nodes,
                nodes.test(
                    LOW, -1, Comparison.AT_LEAST, 10, above, nodes.equal(LOW, 10, log, allow))))
        .isSameAs(nodes.test(LOW, -1, Comparison.AT_LEAST, 10, log, allow));
  }

  @Test
  void knowsThatBitsBehindAMaskAreZero() {
    assertThat(Simplifier.simplify(nodes, nodes.test(LOW, 0, Comparison.EQUAL, 0, log, allow)))
        .isSameAs(log);
    assertThat(Simplifier.simplify(nodes, nodes.test(LOW, 7, Comparison.GREATER, 7, log, allow)))
        .isSameAs(allow);
  }

  @Test
  void leavesAGraphAsItIsThatWouldTakeLong() {
    Node node = allow;
    for (int i = 0; i < 100_000; i++) {
      node = nodes.equal(LOW, i, log, node);
    }
    assertThat(Simplifier.simplify(nodes, node)).isSameAs(node);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void decidesAsBeforeAndAsksNoMore(long seed) {
    var random = new Random(seed);
    int fewer = 0;
    for (int round = 0; round < 300; round++) {
      Node graph = graph(random, 25);
      Node simple = Simplifier.simplify(nodes, graph);
      for (int low = -2; low < 6; low++) {
        for (int high = -2; high < 6; high++) {
          var call = SeccompData.of(0, 0, (long) high << 32 | Integer.toUnsignedLong(low));
          assertThat(RandomGraph.decide(simple, call))
              .as("seed %d, round %d, %d and %d", seed, round, high, low)
              .isEqualTo(RandomGraph.decide(graph, call));
          int asked = asked(simple, call);
          assertThat(asked).isLessThanOrEqualTo(asked(graph, call));
          fewer += asked < asked(graph, call) ? 1 : 0;
        }
      }
    }
    assertThat(fewer).isGreaterThan(1_000);
  }

  /// Few words and few constants, so that much is known.
  private Node graph(Random random, int size) {
    var made = new ArrayList<>(List.of(allow, log, trap));
    for (int i = 0; i < size; i++) {
      Node yes = made.get(Math.max(0, made.size() - 1 - random.nextInt(4)));
      Node no = made.get(Math.max(0, made.size() - 1 - random.nextInt(4)));
      int mask = List.of(-1, -1, 1, 3).get(random.nextInt(4));
      made.add(
          nodes.test(
              random.nextBoolean() ? LOW : HIGH,
              mask,
              List.of(Comparison.values()).get(random.nextInt(3)),
              random.nextInt(5) & mask,
              yes,
              no));
    }
    return made.getLast();
  }

  /// How many comparisons a call goes through.
  private static int asked(Node node, SeccompData call) {
    int asked = 0;
    while (node instanceof Node.Test test) {
      int word = call.word(test.offset()) & test.mask();
      int compared = Integer.compareUnsigned(word, test.k());
      boolean holds =
          switch (test.comparison()) {
            case EQUAL -> compared == 0;
            case GREATER -> compared > 0;
            case AT_LEAST -> compared >= 0;
          };
      node = holds ? test.yes() : test.no();
      asked++;
    }
    return asked;
  }
}
