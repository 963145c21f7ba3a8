package dev.sluice.supervisor.bpf;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Lays a graph of decisions out as a program.
///
/// cBPF jumps only forward and conditional jumps reach 255 instructions, so the program is built
/// from its end: what a node jumps to has its place before the node has, and where that is too far
/// an unconditional jump is put in between.
public final class Assembler {
  private static final int REACH = 255;

  /// The program, last instruction first; a place is an index in it.
  private final List<Instruction> reversed = new ArrayList<>();

  /// Where a node's comparison stands, and where what loads the accumulator for it.
  private final Map<Node, Integer> comparisons = new HashMap<>();

  private final Map<Node, Integer> loads = new HashMap<>();

  /// The nodes that are entered with something else in the accumulator than they compare.
  private final Set<Node> needLoad = new HashSet<>();

  private Assembler() {}

  /// Throws [IllegalArgumentException] if the program would exceed [Program#MAX_INSTRUCTIONS].
  public static Program assemble(Node root) {
    var assembler = new Assembler();
    assembler.findLoads(root);
    assembler.placeAll(root);
    Collections.reverse(assembler.reversed);
    return new Program(assembler.reversed);
  }

  /// A graph may be deep, so nothing here recurses. Gives up where there are more comparisons than
  /// a program can have.
  private void findLoads(Node root) {
    needLoad.add(root);
    var seen = new HashSet<Node>();
    var waiting = new ArrayDeque<>(List.of(root));
    while (!waiting.isEmpty()) {
      if (waiting.pop() instanceof Node.Test test && seen.add(test)) {
        if (seen.size() > Program.MAX_INSTRUCTIONS) {
          throw Program.notAcceptable("more than " + Program.MAX_INSTRUCTIONS);
        }
        for (Node next : List.of(test.yes(), test.no())) {
          if (next instanceof Node.Test follower && !sameOperand(test, follower)) {
            needLoad.add(follower);
          }
          waiting.push(next);
        }
      }
    }
  }

  private static boolean sameOperand(Node.Test a, Node.Test b) {
    return a.offset() == b.offset() && a.mask() == b.mask();
  }

  /// Places what a node jumps to before the node, without recursion.
  private void placeAll(Node root) {
    var waiting = new ArrayDeque<>(List.of(root));
    while (!waiting.isEmpty()) {
      Node node = waiting.peek();
      Optional<Node> first = firstNotPlaced(node);
      if (first.isPresent()) {
        waiting.push(first.get());
      } else {
        waiting.pop();
        place(node);
      }
    }
  }

  private Optional<Node> firstNotPlaced(Node node) {
    return node instanceof Node.Test test
        ? Stream.of(test.yes(), test.no())
            .filter(next -> !comparisons.containsKey(next))
            .findFirst()
        : Optional.empty();
  }

  private void place(Node node) {
    if (comparisons.containsKey(node)) {
      return;
    }
    switch (node) {
      case Node.Return(int action) ->
          comparisons.put(node, add(new Instruction(Instruction.RET_K, 0, 0, action)));
      case Node.Test test -> {
        int yes = entry(test, test.yes());
        int no = entry(test, test.no());
        if (reversed.size() - 1 - yes > REACH - 1) {
          yes = add(jumpTo(yes));
        }
        if (reversed.size() - 1 - no > REACH) {
          no = add(jumpTo(no));
        }
        int next = reversed.size() - 1;
        int jt = next - yes;
        int jf = next - no;
        comparisons.put(node, add(new Instruction(test.comparison().code(), jt, jf, test.k())));
        if (needLoad.contains(node)) {
          if (test.mask() != -1) {
            add(new Instruction(Instruction.AND_K, 0, 0, test.mask()));
          }
          loads.put(node, add(new Instruction(Instruction.LD_ABS, 0, 0, test.offset())));
        }
      }
    }
  }

  private int entry(Node.Test from, Node to) {
    boolean loaded = !(to instanceof Node.Test test) || sameOperand(from, test);
    return Objects.requireNonNull((loaded ? comparisons : loads).get(to), "placed before");
  }

  private Instruction jumpTo(int place) {
    return new Instruction(Instruction.JA, 0, 0, reversed.size() - 1 - place);
  }

  private int add(Instruction instruction) {
    reversed.add(instruction);
    return reversed.size() - 1;
  }
}
