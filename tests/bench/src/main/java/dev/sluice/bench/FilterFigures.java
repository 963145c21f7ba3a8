package dev.sluice.bench;

import dev.sluice.supervisor.bpf.Program;
import dev.sluice.supervisor.bpf.SeccompData;
import dev.sluice.supervisor.bpf.Simulator;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.policy.PolicyException;
import dev.sluice.supervisor.policy.oci.ProfileFilters;
import dev.sluice.supervisor.syscall.Arch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// Compiles a seccomp profile, and has libseccomp do the same.
///
/// ```
/// FilterFigures PROFILE LIBSECCOMP DIRECTORY
/// ```
///
/// LIBSECCOMP is the program of `supervisor/src/test/c`. Writes the filters to `ours.bpf` and
/// `libseccomp.bpf` in DIRECTORY, the numbers of the calls that both refuse with EPERM to
/// `refused`, and for each filter a line `executed NAME MEAN WORST SIZE` with the instructions that
/// a call executes and those there are.
public final class FilterFigures {
  private static final int EPERM = Seccomp.RET_ERRNO | Errno.EPERM.number();

  /// These pass every filter (6.14), and whoever makes them by himself is killed.
  private static final Set<String> PROBES = Set.of("uprobe", "uretprobe");

  private FilterFigures() {}

  public static void main(String[] args) throws IOException, PolicyException {
    Process libseccomp =
        new ProcessBuilder(args[1]).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    var filters = ProfileFilters.of(Files.readString(Path.of(args[0])), libseccomp);
    Path directory = Path.of(args[2]);
    Arch arch = Arch.host();
    Files.write(directory.resolve("ours.bpf"), filters.ours().toBytes());
    Files.write(directory.resolve("libseccomp.bpf"), filters.libseccomps().toBytes());
    List<Integer> refused =
        arch.numbers().entrySet().stream()
            .filter(call -> !PROBES.contains(call.getKey()))
            .map(Map.Entry::getValue)
            .sorted()
            .filter(nr -> refuses(filters.ours(), nr) && refuses(filters.libseccomps(), nr))
            .toList();
    Files.write(directory.resolve("refused"), refused.stream().map(String::valueOf).toList());
    print("ours", filters.costOfOurs(arch), filters.ours());
    print("libseccomp", filters.costOfLibseccomps(arch), filters.libseccomps());
  }

  /// Whether a call without arguments fails with EPERM.
  private static boolean refuses(Program program, int nr) {
    var call = SeccompData.of(nr, Arch.host().audit());
    return Simulator.run(program, call).action() == EPERM;
  }

  private static void print(String name, ProfileFilters.Cost cost, Program program) {
    System.out.printf(
        Locale.ROOT, "executed %s %.1f %d %d%n", name, cost.mean(), cost.worst(), program.size());
  }
}
