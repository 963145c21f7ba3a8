package dev.sluice.supervisor.bpf;

import dev.sluice.supervisor.bpf.Node.Comparison;
import java.util.HashMap;
import java.util.Map;

/// Makes the nodes of one graph, each only once.
@SuppressWarnings("ReferenceEquality") // equal nodes are one
public final class Nodes {
  private record Key(int offset, int mask, Comparison comparison, int k, Node yes, Node no) {}

  private final Map<Integer, Node> returns = new HashMap<>();
  private final Map<Key, Node> tests = new HashMap<>();

  public Node give(int action) {
    return returns.computeIfAbsent(action, Node.Return::new);
  }

  public Node equal(int offset, int k, Node yes, Node no) {
    return test(offset, -1, Comparison.EQUAL, k, yes, no);
  }

  public Node test(int offset, int mask, Comparison comparison, int k, Node yes, Node no) {
    return yes == no
        ? yes
        : tests.computeIfAbsent(
            new Key(offset, mask, comparison, k, yes, no),
            key -> new Node.Test(offset, mask, comparison, k, yes, no));
  }
}
