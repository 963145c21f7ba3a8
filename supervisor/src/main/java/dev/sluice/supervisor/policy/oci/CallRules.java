package dev.sluice.supervisor.policy.oci;

import dev.sluice.supervisor.bpf.Node;
import dev.sluice.supervisor.bpf.SeccompData;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The rules that say of one call what a filter does with it. No call matches two of them, so that
/// it does not matter how they are merged.
final class CallRules {
  private static final int REGISTERS = 6;

  /// Programs that libseccomp makes of more than that are too large, or take it minutes.
  private static final int MAX_RULES = 128;

  /// @param registers what is asked of each of the six
  /// @param action a `SECCOMP_RET_` value
  record Body(List<Bits> registers, int action) {
    /// Whatever is in the registers.
    static Body of(int action) {
      return new Body(Collections.nCopies(REGISTERS, Bits.ANY), action);
    }

    Body low() {
      return new Body(registers.stream().map(Bits::low).toList(), action);
    }
  }

  /// There are too many of them.
  static final class TooMany extends Exception {
    private static final long serialVersionUID = 1;
  }

  private final int defaultAction;
  private final Set<Body> bodies = new LinkedHashSet<>();

  private CallRules(int defaultAction) {
    this.defaultAction = defaultAction;
  }

  /// The rules for calls that are not decided by the default action.
  static Set<Body> of(Node node, int defaultAction) throws TooMany {
    var rules = new CallRules(defaultAction);
    var any = new ArrayList<List<Bits>>();
    for (int i = 0; i < REGISTERS; i++) {
      any.add(List.of(Bits.ANY));
    }
    rules.follow(node, any);
    return rules.bodies;
  }

  /// Whether the supervisor can answer whatever the filter does.
  static boolean isForSupervisor(Node node) {
    return switch (node) {
      case Node.Return(int action) ->
          switch (ScmpAction.of(action)) {
            case ALLOW, ERRNO, KILL_PROCESS, NOTIFY -> true;
            case KILL, KILL_THREAD, TRAP, TRACE, LOG -> false;
          };
      case Node.Test test -> isForSupervisor(test.yes()) && isForSupervisor(test.no());
    };
  }

  private void follow(Node node, List<List<Bits>> registers) throws TooMany {
    switch (node) {
      case Node.Return(int action) -> {
        if (action != defaultAction) {
          addProducts(registers, 0, new ArrayList<>(), action);
        }
      }
      case Node.Test test -> {
        int register = (test.offset() - SeccompData.low(0)) / Long.BYTES;
        follow(test.yes(), with(registers, register, narrow(registers.get(register), test, true)));
        follow(test.no(), with(registers, register, narrow(registers.get(register), test, false)));
      }
    }
  }

  private static List<Bits> narrow(List<Bits> all, Node.Test test, boolean holds) {
    int shift = test.offset() % Long.BYTES == 0 ? 0 : Integer.SIZE;
    long mask = Integer.toUnsignedLong(test.mask()) << shift;
    long k = Integer.toUnsignedLong(test.k()) << shift;
    if ((k & ~mask) != 0) {
      throw new IllegalStateException("a comparison with bits that cannot be there: " + test);
    }
    var equal = new Bits(mask, k);
    return switch (test.comparison()) {
      case EQUAL -> holds ? Bits.intersect(all, List.of(equal)) : Bits.subtract(all, equal);
      case GREATER -> holds ? Bits.intersect(all, Bits.above(mask, k)) : less(all, mask, k, true);
      case AT_LEAST -> {
        var atLeast = new ArrayList<>(Bits.above(mask, k));
        atLeast.add(equal);
        yield holds ? Bits.intersect(all, atLeast) : less(all, mask, k, false);
      }
    };
  }

  /// Below is above, with all bits the other way round.
  private static List<Bits> less(List<Bits> all, long mask, long k, boolean orEqual) {
    var below = new ArrayList<Bits>();
    for (Bits above : Bits.above(mask, ~k & mask)) {
      below.add(new Bits(above.mask(), ~above.value() & above.mask()));
    }
    if (orEqual) {
      below.add(new Bits(mask, k));
    }
    return Bits.intersect(all, below);
  }

  private static List<List<Bits>> with(List<List<Bits>> registers, int index, List<Bits> bits) {
    var changed = new ArrayList<>(registers);
    changed.set(index, bits);
    return changed;
  }

  private void addProducts(List<List<Bits>> registers, int index, List<Bits> chosen, int action)
      throws TooMany {
    if (index == REGISTERS) {
      if (bodies.size() == MAX_RULES) {
        throw new TooMany();
      }
      bodies.add(new Body(List.copyOf(chosen), action));
      return;
    }
    for (Bits bits : registers.get(index)) {
      chosen.addLast(bits);
      addProducts(registers, index + 1, chosen, action);
      chosen.removeLast();
    }
  }
}
