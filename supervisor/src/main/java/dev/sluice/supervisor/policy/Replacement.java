package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.bpf.Disassembler;
import dev.sluice.supervisor.bpf.Divergence;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.syscall.X32;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Whether a policy can take the place of the one whose filter is installed. A filter stays for as
/// long as its tasks live: what it decides by itself, it decides for ever, and what it notifies can
/// only become what a supervisor can answer.
final class Replacement {
  private static final int LISTED = 3;

  /// A decision that cannot take effect, and what stands in its way.
  private record Obstacle(Location location, String rule, int installed, int wanted) {}

  private final CompiledPolicy installed;
  private final CompiledPolicy next;
  private final Map<Obstacle, List<String>> calls = new LinkedHashMap<>();

  private Replacement(CompiledPolicy installed, CompiledPolicy next) {
    this.installed = installed;
    this.next = next;
  }

  /// Adds an error for everything in `next` that the filter of `installed` cannot express.
  static void check(CompiledPolicy installed, CompiledPolicy next, List<Diagnostic> diagnostics) {
    if (next.notifies() && !installed.notifies()) {
      // to compare them would name each of its guards
      diagnostics.add(
          Diagnostic.error(
              next.policy().location(),
              "this policy cannot decide before the command is started anew: the filter that is"
                  + " installed never asks the supervisor, as the kernel decided every call of the"
                  + " policy before"));
      return;
    }
    var replacement = new Replacement(installed, next);
    try {
      replacement.compare();
    } catch (Divergence.TooComplex e) {
      diagnostics.add(
          Diagnostic.error(
              next.policy().location(),
              "the installed filter cannot be compared with that of this policy: "
                  + e.getMessage()));
    }
    replacement.calls.forEach((obstacle, names) -> diagnostics.add(explain(obstacle, names)));
  }

  private void compare() {
    var architectures = EnumSet.copyOf(installed.policy().architectures());
    architectures.addAll(next.policy().architectures());
    var finder =
        new Divergence.Finder(installed.filter(), next.filter(), Replacement::isExpressible);
    for (Arch arch : architectures) {
      for (int nr : numbers(arch)) {
        finder.find(arch.audit(), nr).ifPresent(found -> add(arch, nr, found));
      }
    }
  }

  private Set<Integer> numbers(Arch arch) {
    var numbers = new TreeSet<>(arch.numbers().values());
    numbers.add(arch.limit()); // stands for all that are in no table
    // otherwise no policy has them, as with architectures that are in neither
    if (arch == Arch.X86_64 && (installed.table().hasX32() || next.table().hasX32())) {
      numbers.addAll(X32.numbers().values());
      numbers.add(X32.limit());
    }
    return numbers;
  }

  private static boolean isExpressible(int before, int after) {
    return before == after || (before == Seccomp.RET_USER_NOTIF && KernelActions.isAnswer(after));
  }

  private void add(Arch arch, int nr, Divergence found) {
    CallPlan plan = next.table().planOf(arch, nr);
    var obstacle = obstacle(plan == null ? List.of() : plan.steps(), found);
    calls.computeIfAbsent(obstacle, _ -> new ArrayList<>()).add(describe(arch, nr));
  }

  private static String describe(Arch arch, int nr) {
    return X32.name(nr).map(name -> name + " of x32").orElseGet(() -> arch.describe(nr));
  }

  private Obstacle obstacle(List<CallPlan.Step> steps, Divergence found) {
    for (CallPlan.Step step : steps) {
      Decision decision = step.decision();
      boolean asks = found.second() == Seccomp.RET_USER_NOTIF && !step.condition().isOfRegisters();
      if (asks || decision.kernelAction() == found.second()) {
        return new Obstacle(decision.location(), decision.rule(), found.first(), found.second());
      }
    }
    return new Obstacle(next.policy().location(), "default", found.first(), found.second());
  }

  private static Diagnostic explain(Obstacle obstacle, List<String> names) {
    String listed = String.join(", ", names.subList(0, Math.min(LISTED, names.size())));
    String all =
        names.size() > LISTED ? listed + " and " + (names.size() - LISTED) + " more" : listed;
    String wanted =
        obstacle.wanted == Seccomp.RET_USER_NOTIF
            ? "decide"
            : "answer '" + Disassembler.action(obstacle.wanted) + "' to";
    String reason =
        obstacle.installed == Seccomp.RET_USER_NOTIF
            ? "only the kernel can do that, and its filter leaves the call to the supervisor"
            : "the filter that is installed answers '"
                + Disassembler.action(obstacle.installed)
                + "' by itself; 'dynamic' names calls that it must not decide";
    return Diagnostic.error(
        obstacle.location,
        "'%s' cannot %s %s before the command is started anew: %s"
            .formatted(obstacle.rule, wanted, all, reason));
  }
}
