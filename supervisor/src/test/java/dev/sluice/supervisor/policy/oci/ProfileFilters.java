package dev.sluice.supervisor.policy.oci;

import dev.sluice.supervisor.bpf.Program;
import dev.sluice.supervisor.bpf.SeccompData;
import dev.sluice.supervisor.bpf.Simulator;
import dev.sluice.supervisor.handler.Asker;
import dev.sluice.supervisor.handler.Handlers;
import dev.sluice.supervisor.policy.PolicyCompiler;
import dev.sluice.supervisor.policy.PolicyException;
import dev.sluice.supervisor.policy.oci.Libseccomp.Answer;
import dev.sluice.supervisor.syscall.Arch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What we and libseccomp make of one profile on this machine.
///
/// @param boundaries values for registers at the ends of what its rules distinguish
public record ProfileFilters(Program ours, Program libseccomps, List<Long> boundaries) {
  /// Instructions that a call executes.
  public record Cost(double mean, int worst) {}

  /// @param libseccomp `src/test/c/libseccomp.c`, running
  public static ProfileFilters of(String text, Process libseccomp) throws PolicyException {
    Profile profile =
        ProfileReader.read("p.json", text, Host.here(), new ArrayList<>()).orElseThrow();
    String request = Libseccomp.request(profile, Libseccomp.AS_A_TREE);
    if (!(Libseccomp.answer(libseccomp, List.of(request)).getFirst()
        instanceof Answer.Made(Program theirs))) {
      throw new IllegalArgumentException("libseccomp refuses the profile");
    }
    var handlers = Handlers.load(List.of(), Optional.empty(), Asker.NOBODY);
    var ours = PolicyCompiler.compileProfile("p.json", text, handlers, Host.here()).filter();
    var arguments = profile.rules().stream().flatMap(rule -> rule.arguments().stream()).toList();
    return new ProfileFilters(ours, theirs, RandomProfile.boundaries(arguments));
  }

  public Cost costOfOurs(Arch arch) {
    return cost(ours, arch);
  }

  public Cost costOfLibseccomps(Arch arch) {
    return cost(libseccomps, arch);
  }

  /// Over all calls of an architecture.
  private Cost cost(Program program, Arch arch) {
    long sum = 0;
    int calls = 0;
    int worst = 0;
    for (int nr : arch.numbers().values()) {
      for (long value : boundaries) {
        var call = SeccompData.of(nr, arch.audit(), value, value, value, value, value, value);
        int executed = Simulator.run(program, call).executed();
        sum += executed;
        calls++;
        worst = Math.max(worst, executed);
      }
    }
    return new Cost((double) sum / calls, worst);
  }
}
