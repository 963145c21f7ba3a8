package dev.sluice.supervisor.policy.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.supervisor.bpf.Disassembler;
import dev.sluice.supervisor.bpf.Divergence;
import dev.sluice.supervisor.bpf.Program;
import dev.sluice.supervisor.bpf.SeccompData;
import dev.sluice.supervisor.bpf.Simulator;
import dev.sluice.supervisor.handler.Asker;
import dev.sluice.supervisor.handler.Handlers;
import dev.sluice.supervisor.policy.PolicyCompiler;
import dev.sluice.supervisor.policy.PolicyException;
import dev.sluice.supervisor.syscall.Arch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// `policies/docker-default.yaml` answers as docker's own profile does, but for what is listed here
/// and in `src/docs/oci.md`.
class DockerDefaultTest {
  private static final Path PROFILE =
      Path.of("/usr/share/gocode/src/github.com/docker/docker/profiles/seccomp/default.json");

  /// Calls that came later than the profile, and those that later profiles of docker allow too.
  private static final List<String> NEWER =
      List.of(
          "cachestat",
          "fchmodat2",
          "futex_requeue",
          "futex_wait",
          "futex_wake",
          "getxattrat",
          "listmount",
          "listxattrat",
          "map_shadow_stack",
          "mseal",
          "name_to_handle_at",
          "pkey_alloc",
          "pkey_free",
          "pkey_mprotect",
          "process_vm_readv",
          "process_vm_writev",
          "removexattrat",
          "setxattrat",
          "statmount",
          "uretprobe");

  /// What has been a way into the kernel. Of sockets only two families are.
  private static final List<String> CLOSED =
      List.of("io_uring_enter", "io_uring_register", "io_uring_setup", "socket");

  private static final int AF_ALG = 38;
  private static final int AF_VSOCK = 40;

  private record Filters(Program policy, Program profile) {}

  private static Filters compile() throws IOException, PolicyException {
    assumeTrue(Arch.host() == Arch.X86_64, "the policy is for x86-64 and i386");
    assumeTrue(Files.exists(PROFILE), PROFILE + " is not here (golang-github-docker-docker-dev)");
    var handlers = Handlers.load(List.of(), Optional.empty(), Asker.NOBODY);
    var compiler = new PolicyCompiler(handlers, Map.of());
    return new Filters(
        compiler.compile(Path.of("../policies/docker-default.yaml")).filter(),
        PolicyCompiler.compileProfile(
                "default.json", Files.readString(PROFILE), handlers, Host.here())
            .filter());
  }

  /// Of all registers there can be, and of boundary values of those that rules look at.
  @ParameterizedTest
  @EnumSource(names = {"X86_64", "I386"})
  void differsOnlyInWhatIsListed(Arch arch) throws IOException, PolicyException {
    Filters filters = compile();
    var differences = new TreeMap<String, String>();
    arch.numbers()
        .forEach((name, nr) -> {
          Optional<Divergence> found =
              Divergence.find(
                  filters.policy(), filters.profile(), arch.audit(), nr, (a, b) -> a == b);
          found.ifPresent(it -> differences.put(name, answers(it.first(), it.second())));
        });

    var listed = new TreeMap<String, String>();
    NEWER.forEach(call -> listed.put(call, "allow, docker's: errno EPERM"));
    CLOSED.forEach(call -> listed.put(call, "errno EPERM, docker's: allow"));
    listed.keySet().retainAll(arch.numbers().keySet());
    assertThat(differences).isEqualTo(listed);
  }

  @ParameterizedTest
  @EnumSource(names = {"X86_64", "I386"})
  void deniesTwoFamiliesOfSockets(Arch arch) throws IOException, PolicyException {
    Filters filters = compile();
    int socket = arch.number("socket").orElseThrow();
    for (long family : families(arch)) {
      var call = SeccompData.of(socket, arch.audit(), family, 1, 0);
      int policy = Simulator.run(filters.policy(), call).action();
      int profile = Simulator.run(filters.profile(), call).action();
      if ((int) family == AF_ALG || (int) family == AF_VSOCK) {
        assertThat(answers(policy, profile)).isEqualTo("errno EPERM, docker's: allow");
      } else {
        assertThat(policy).as("family %d", family).isEqualTo(profile);
      }
    }
  }

  /// The kernel looks at the lower half of the register only; i386 has no upper one.
  private static long[] families(Arch arch) {
    var families = LongStream.of(0, 1, 2, 10, 37, AF_ALG, 39, AF_VSOCK, 41, 0xffff_ffffL);
    var dirty = LongStream.of(0x1_0000_0026L, 0x1_0000_0028L);
    return LongStream.concat(families, arch.is64Bit() ? dirty : LongStream.empty()).toArray();
  }

  /// As every policy does, it lets what is no call of its architectures fail with ENOSYS.
  @Test
  void saysThatThereIsNoX32() throws IOException, PolicyException {
    Filters filters = compile();
    int getpid = Arch.X32_BIT | Arch.X86_64.number("getpid").orElseThrow();
    var call = SeccompData.of(getpid, Arch.X86_64.audit());

    assertThat(
            answers(
                Simulator.run(filters.policy(), call).action(),
                Simulator.run(filters.profile(), call).action()))
        .isEqualTo("errno ENOSYS, docker's: allow");
  }

  private static String answers(int policy, int profile) {
    return Disassembler.action(policy) + ", docker's: " + Disassembler.action(profile);
  }
}
