package dev.sluice.supervisor.policy.oci;

import dev.sluice.supervisor.bpf.SeccompData;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.syscall.X32;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What seccomp_rule_add(3) says that the rules of a profile mean: each for itself, without a word
/// on which of several decides.
final class RuleMeaning {
  private final Profile profile;

  RuleMeaning(Profile profile) {
    this.profile = profile;
  }

  /// The actions of all rules that hold for a call of a known architecture, or the default action
  /// if there is none.
  Set<Integer> actions(SeccompData call) {
    var actions = new HashSet<Integer>();
    for (ProfileRule rule : profile.rules()) {
      if (rule.action() != profile.defaultAction() && holds(rule, call)) {
        actions.add(rule.action());
      }
    }
    return actions.isEmpty() ? Set.of(profile.defaultAction()) : actions;
  }

  private boolean holds(ProfileRule rule, SeccompData call) {
    long width = isWide(call) ? -1L : -1L >>> 32;
    return conditions(rule, call).stream().anyMatch(each -> hold(each, call, width));
  }

  /// Whether a rule about the call goes on in two places after a comparison: greater already in the
  /// upper word, or only in the lower. libseccomp lets both share what follows, and what other
  /// rules add in one place is then found in the other.
  boolean hasSharedEnds(SeccompData call) {
    return profile.rules().stream()
        .flatMap(rule -> conditions(rule, call).stream())
        .anyMatch(RuleMeaning::hasSharedEnd);
  }

  /// The same for any call.
  boolean hasSharedEnds() {
    return profile.rules().stream()
        .flatMap(rule -> rule.alternatives().stream())
        .anyMatch(RuleMeaning::hasSharedEnd);
  }

  private static boolean hasSharedEnd(List<Argument> arguments) {
    int last = arguments.stream().mapToInt(Argument::index).max().orElse(0);
    return arguments.stream()
        .anyMatch(argument ->
            argument.index() < last
                && argument.operator() != Operator.EQ
                && argument.operator() != Operator.MASKED_EQ);
  }

  private static boolean isWide(SeccompData call) {
    return call.nr() < Arch.X32_BIT && Arch.ofAudit(call.arch()).orElseThrow().is64Bit();
  }

  /// What a rule asks of the registers of a call; nothing if it is about others.
  private static List<List<Argument>> conditions(ProfileRule rule, SeccompData call) {
    boolean x32 = call.nr() >= Arch.X32_BIT;
    Arch arch = Arch.ofAudit(call.arch()).orElseThrow();
    Map<String, Integer> numbers = x32 ? X32.numbers() : arch.numbers();
    var conditions = new ArrayList<List<Argument>>();
    for (ProfileRule.Name name : rule.names()) {
      Integer nr = numbers.get(name.text());
      if (nr != null && nr == call.nr()) {
        conditions.addAll(rule.alternatives());
      }
      var way = MultiplexedCalls.way(name.text());
      if (arch == Arch.I386
          && way.isPresent()
          && arch.number(way.get().through()).orElseThrow() == call.nr()) {
        rule.alternatives().forEach(each -> conditions.add(way.get().arguments(each)));
      }
    }
    return conditions;
  }

  private static boolean hold(List<Argument> arguments, SeccompData call, long width) {
    return arguments.stream()
        .allMatch(argument -> {
          long mask = argument.mask() & width;
          long constant = argument.constant() & mask;
          long value = call.args().get(argument.index()) & mask;
          int compared = Long.compareUnsigned(value, constant);
          return switch (argument.operator()) {
            case NE -> compared != 0;
            case LT -> compared < 0;
            case LE -> compared <= 0;
            case EQ, MASKED_EQ -> compared == 0;
            case GE -> compared >= 0;
            case GT -> compared > 0;
          };
        });
  }
}
