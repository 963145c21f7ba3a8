package dev.sluice.supervisor.policy.oci;

import dev.sluice.supervisor.bpf.Disassembler;
import dev.sluice.supervisor.bpf.Program;
import dev.sluice.supervisor.bpf.SeccompData;
import dev.sluice.supervisor.bpf.Simulator;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.syscall.X32;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/// Whether two programs do the same with every call that a profile may tell from others.
final class Comparison {
  private static final int UNKNOWN_ARCH = 0x4000_0028; // arm
  private static final int LOOKS = 60;

  /// Numbers that no table has.
  private static final List<Integer> STRANGE =
      List.of(
          -1, -2, -100, -101, -201, 1 << 31, Integer.MAX_VALUE, Arch.X32_BIT - 1, 0x400003e8, 9999);

  private final Profile profile;
  private final Program ours;
  private final Program theirs;
  private final Random random;
  private final RuleMeaning meaning;
  private int compared;
  private int mistakes;

  Comparison(Profile profile, Program ours, Program theirs, Random random) {
    this.profile = profile;
    this.ours = ours;
    this.theirs = theirs;
    this.random = random;
    this.meaning = new RuleMeaning(profile);
  }

  /// How many calls were compared.
  int compared() {
    return compared;
  }

  /// How many calls libseccomp answers by mistake, and we do not: with what no rule about them
  /// says, or by a word that it did not mean to compare.
  int mistakes() {
    return mistakes;
  }

  /// The first call that is not decided alike, in words; mistakes of libseccomp are only counted.
  Optional<String> difference() {
    var numbers = new HashSet<>(STRANGE);
    for (int nr = 0; nr < 600; nr++) {
      numbers.add(nr);
    }
    numbers.addAll(X32.numbers().values());
    for (int arch :
        new int[] {Arch.X86_64.audit(), Arch.I386.audit(), Arch.AARCH64.audit(), UNKNOWN_ARCH}) {
      Map<Integer, Set<String>> named = named(arch);
      for (int nr : numbers) {
        Optional<String> found =
            named.containsKey(nr) ? look(arch, nr, named.get(nr)) : compare(arch, nr, new long[6]);
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return Optional.empty();
  }

  /// The calls that rules are about, by number; with those made another way.
  private Map<Integer, Set<String>> named(int audit) {
    var named = new HashMap<Integer, Set<String>>();
    for (ProfileRule rule : profile.rules()) {
      for (ProfileRule.Name name : rule.names()) {
        Optional<Arch> arch = Arch.ofAudit(audit);
        MultiplexedCalls.way(name.text())
            .filter(_ -> audit == Arch.I386.audit())
            .ifPresent(way -> add(named, Arch.I386.number(way.through()).orElseThrow(), name));
        arch.flatMap(each -> Optional.ofNullable(each.numbers().get(name.text())))
            .ifPresent(nr -> add(named, nr, name));
        Optional.ofNullable(X32.numbers().get(name.text()))
            .filter(_ -> audit == Arch.X86_64.audit())
            .ifPresent(nr -> add(named, nr, name));
      }
    }
    return named;
  }

  private static void add(Map<Integer, Set<String>> named, int nr, ProfileRule.Name name) {
    named.computeIfAbsent(nr, _ -> new HashSet<>()).add(name.text());
  }

  private Optional<String> look(int arch, int nr, Set<String> names) {
    var values = new ArrayList<List<Long>>();
    for (int register = 0; register < 6; register++) {
      int index = register;
      var arguments =
          profile.rules().stream()
              .filter(rule -> rule.names().stream().anyMatch(name -> names.contains(name.text())))
              .flatMap(rule -> rule.arguments().stream())
              .filter(argument -> argument.index() == index)
              .toList();
      values.add(arguments.isEmpty() ? List.of(0L, -1L) : RandomProfile.boundaries(arguments));
    }
    List<Integer> selectors =
        names.stream()
            .map(MultiplexedCalls::way)
            .flatMap(Optional::stream)
            .map(MultiplexedCalls.Way::selector)
            .toList();
    for (int i = 0; i < LOOKS; i++) {
      var registers = new long[6];
      for (int j = 0; j < 6; j++) {
        registers[j] = values.get(j).get(random.nextInt(values.get(j).size()));
      }
      if (!selectors.isEmpty() && random.nextBoolean()) {
        registers[0] = selectors.get(random.nextInt(selectors.size()));
      }
      Optional<String> found = compare(arch, nr, registers);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private Optional<String> compare(int arch, int nr, long... registers) {
    compared++;
    var data = SeccompData.of(nr, arch, registers);
    int our = Simulator.run(ours, data).action();
    int their = Simulator.run(theirs, data).action();
    if (our != their && Arch.ofAudit(arch).isPresent() && isMistake(data, our, their)) {
      mistakes++;
      return Optional.empty();
    }
    return our == their
        ? Optional.empty()
        : Optional.of(
            "arch %x, number %d, registers %s: %s, libseccomp: %s"
                .formatted(
                    arch,
                    nr,
                    data.args().stream().map(Long::toHexString).toList(),
                    Disassembler.action(our),
                    Disassembler.action(their)));
  }

  private boolean isMistake(SeccompData call, int our, int their) {
    Set<Integer> meant = meaning.actions(call);
    boolean lost = meant.contains(our) && !meant.contains(their);
    boolean shared = meant.contains(our) && meaning.hasSharedEnds(call);
    return lost || shared || StaleWords.decide(theirs, call);
  }
}
