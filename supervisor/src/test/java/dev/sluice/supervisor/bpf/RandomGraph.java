package dev.sluice.supervisor.bpf;

import dev.sluice.supervisor.bpf.Node.Comparison;
import dev.sluice.supervisor.kernel.Seccomp;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Graphs of decisions with shared ends, masks, and jumps near and far; and what they decide.
final class RandomGraph {
  private static final List<Comparison> COMPARISONS = List.of(Comparison.values());

  private final Random random;
  private final int size;
  private final Nodes nodes = new Nodes();

  /// @param size how many comparisons it has at most
  RandomGraph(Random random, int size) {
    this.random = random;
    this.size = size;
  }

  Node make() {
    List<Node> made = new ArrayList<>();
    made.add(nodes.give(Seccomp.RET_ALLOW));
    for (int i = 1; i <= 5; i++) {
      made.add(nodes.give(Seccomp.RET_ERRNO | random.nextInt(1, 4096)));
    }
    while (made.size() < size) {
      made.add(test(made));
    }
    return made.getLast();
  }

  private Node test(List<Node> made) {
    int offset = 16 + 4 * random.nextInt(12);
    int mask = random.nextBoolean() ? -1 : RandomWords.narrow(random);
    Comparison comparison = COMPARISONS.get(random.nextInt(COMPARISONS.size()));
    int k = RandomWords.narrow(random) & mask;
    return nodes.test(offset, mask, comparison, k, near(made), far(made));
  }

  private Node near(List<Node> made) {
    return made.get(Math.max(0, made.size() - 1 - random.nextInt(3)));
  }

  private Node far(List<Node> made) {
    return made.get(random.nextInt(made.size()));
  }

  /// What a graph decides, without any program.
  static int decide(Node node, SeccompData data) {
    return switch (node) {
      case Node.Return(int action) -> action;
      case Node.Test test -> {
        int word = data.word(test.offset()) & test.mask();
        int compared = Integer.compareUnsigned(word, test.k());
        boolean holds =
            switch (test.comparison()) {
              case EQUAL -> compared == 0;
              case GREATER -> compared > 0;
              case AT_LEAST -> compared >= 0;
            };
        yield decide(holds ? test.yes() : test.no(), data);
      }
    };
  }
}
