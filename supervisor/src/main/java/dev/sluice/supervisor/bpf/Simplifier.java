package dev.sluice.supervisor.bpf;

import dev.sluice.supervisor.bpf.Node.Test;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Leaves out the tests of a graph whose answer is known by the way that leads to them: conditions
/// that are asked one after the other often begin alike, or exclude each other.
///
/// A shared node may have to become several, one for each way. Where that gets out of hand, the
/// graph stays as it is.
public final class Simplifier {
  private static final int MAX_NODES = 512;

  /// What a test compares.
  private record Word(int offset, int mask) {}

  /// What is known of a word: it lies between two numbers, unsigned, and is none of some.
  private record Known(int min, int max, Set<Integer> not) {
    static Known nothingOf(Word word) {
      return new Known(0, word.mask, Set.of());
    }

    Optional<Boolean> answer(Test test) {
      int k = test.k();
      boolean always =
          switch (test.comparison()) {
            case EQUAL -> min == max && min == k;
            case GREATER -> Integer.compareUnsigned(min, k) > 0;
            case AT_LEAST -> Integer.compareUnsigned(min, k) >= 0;
          };
      boolean never =
          switch (test.comparison()) {
            case EQUAL -> !contains(k);
            case GREATER -> Integer.compareUnsigned(max, k) <= 0;
            case AT_LEAST -> Integer.compareUnsigned(max, k) < 0;
          };
      return always || never ? Optional.of(always) : Optional.empty();
    }

    private boolean contains(int k) {
      return Integer.compareUnsigned(k, min) >= 0
          && Integer.compareUnsigned(k, max) <= 0
          && !not.contains(k);
    }

    /// With the answer of a test that was not known before.
    Known with(Test test, boolean holds) {
      int k = test.k();
      return switch (test.comparison()) {
        case EQUAL -> holds ? new Known(k, k, Set.of()) : without(k);
        case GREATER -> holds ? new Known(k + 1, max, not) : new Known(min, k, not);
        case AT_LEAST -> holds ? new Known(k, max, not) : new Known(min, k - 1, not);
      };
    }

    private Known without(int k) {
      var less = new HashSet<>(not);
      less.add(k);
      return new Known(min, max, Set.copyOf(less));
    }
  }

  private record Place(Node node, Map<Word, Known> known) {}

  private static final class TooLarge extends Exception {
    private static final long serialVersionUID = 1;

    TooLarge() {
      super(null, null, false, false);
    }
  }

  private final Nodes nodes;
  private final Map<Place, Node> done = new HashMap<>();
  private final Map<Node, Set<Word>> asked = new HashMap<>();

  private Simplifier(Nodes nodes) {
    this.nodes = nodes;
  }

  /// A graph that decides as `root` does.
  public static Node simplify(Nodes nodes, Node root) {
    if (isLarge(root)) {
      return root;
    }
    try {
      return new Simplifier(nodes).simplify(root, Map.of());
    } catch (TooLarge e) {
      return root;
    }
  }

  /// Without recursion; the rest of this recurses no deeper than there are nodes.
  private static boolean isLarge(Node root) {
    var seen = new HashSet<Node>();
    var waiting = new ArrayDeque<>(List.of(root));
    while (!waiting.isEmpty() && seen.size() <= MAX_NODES) {
      if (waiting.pop() instanceof Test test && seen.add(test)) {
        waiting.push(test.yes());
        waiting.push(test.no());
      }
    }
    return seen.size() > MAX_NODES;
  }

  private Node simplify(Node node, Map<Word, Known> known) throws TooLarge {
    if (!(node instanceof Test test)) {
      return node;
    }
    // what is not asked any more makes no difference
    var relevant = new HashMap<>(known);
    relevant.keySet().retainAll(askedBelow(test));
    var place = new Place(node, relevant);
    Node before = done.get(place);
    if (before != null) {
      return before;
    }
    if (done.size() >= MAX_NODES) {
      throw new TooLarge();
    }
    var word = new Word(test.offset(), test.mask());
    Known here = relevant.getOrDefault(word, Known.nothingOf(word));
    Optional<Boolean> answer = here.answer(test);
    Node simple =
        answer.isPresent()
            ? simplify(answer.get() ? test.yes() : test.no(), relevant)
            : nodes.test(
                test.offset(),
                test.mask(),
                test.comparison(),
                test.k(),
                simplify(test.yes(), with(relevant, word, here.with(test, true))),
                simplify(test.no(), with(relevant, word, here.with(test, false))));
    done.put(place, simple);
    return simple;
  }

  private static Map<Word, Known> with(Map<Word, Known> known, Word word, Known more) {
    var all = new HashMap<>(known);
    all.put(word, more);
    return all;
  }

  private Set<Word> askedBelow(Node node) {
    Set<Word> before = asked.get(node);
    if (before != null) {
      return before;
    }
    var words = new HashSet<Word>();
    if (node instanceof Test test) {
      words.add(new Word(test.offset(), test.mask()));
      words.addAll(askedBelow(test.yes()));
      words.addAll(askedBelow(test.no()));
    }
    asked.put(node, words);
    return words;
  }
}
