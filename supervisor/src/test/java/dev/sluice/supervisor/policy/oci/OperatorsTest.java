package dev.sluice.supervisor.policy.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.supervisor.CHeaders;
import dev.sluice.supervisor.bpf.Program;
import dev.sluice.supervisor.bpf.SeccompData;
import dev.sluice.supervisor.bpf.Simulator;
import dev.sluice.supervisor.handler.Asker;
import dev.sluice.supervisor.handler.Handlers;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.policy.PolicyCompiler;
import dev.sluice.supervisor.policy.PolicyException;
import dev.sluice.supervisor.policy.oci.Libseccomp.Answer;
import dev.sluice.supervisor.syscall.Arch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Each comparison of a profile by itself, with constants of 32 and 64 bits: what the word means,
/// what we make of it, and what libseccomp does, are the same.
class OperatorsTest {
  private static final List<Long> CONSTANTS =
      List.of(
          0L,
          5L,
          0x7fff_ffffL,
          0x8000_0000L,
          0xffff_ffffL,
          0x1_0000_0000L,
          0x1_0000_0005L,
          0x8000_0000_0000_0000L,
          -1L);

  /// Of masks, only the bits in them count, on both sides.
  private static final List<Long> MASKS = List.of(0xffL, 0xffff_ffffL, 0xff_0000_00ffL, -1L);

  @ParameterizedTest
  @EnumSource
  void meansTheSameToAll(Operator operator) throws PolicyException {
    assumeTrue(Arch.host() == Arch.X86_64, "the calls are those of x86-64");
    for (long constant : CONSTANTS) {
      for (long mask : operator == Operator.MASKED_EQ ? MASKS : List.of(0L)) {
        compare(operator, constant, mask);
      }
    }
  }

  private static void compare(Operator operator, long constant, long mask) throws PolicyException {
    boolean masked = operator == Operator.MASKED_EQ;
    String text =
        """
        {"defaultAction": "SCMP_ACT_ALLOW",
         "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
         "syscalls": [{"names": ["ioctl"], "action": "SCMP_ACT_LOG",
          "args": [{"index": 1, "op": "%s", "value": %s, "valueTwo": %s}]}]}
        """
            .formatted(
                operator,
                Long.toUnsignedString(masked ? mask : constant),
                Long.toUnsignedString(masked ? constant : 0));
    Profile profile =
        ProfileReader.read("p.json", text, Host.here(), new ArrayList<>()).orElseThrow();
    var handlers = Handlers.load(List.of(), Optional.empty(), Asker.NOBODY);
    Program ours = PolicyCompiler.compileProfile("p.json", text, handlers, Host.here()).filter();
    var programs = new ArrayList<>(List.of(ours));
    if (CHeaders.have("seccomp.h")) {
      Answer answer =
          Libseccomp.answer(List.of(Libseccomp.request(profile, Libseccomp.AS_A_TREE))).getFirst();
      programs.add(((Answer.Made) answer).program());
    }
    for (long register : RandomProfile.boundaries(profile.rules().getFirst().arguments())) {
      for (Program program : programs) {
        assertThat(isLogged(program, Arch.X86_64.audit(), X86_64_IOCTL, register))
            .as("%s, register %x", text, register)
            .isEqualTo(holds(operator, register, constant, mask));
        for (boolean logged :
            List.of(
                isLogged(program, Arch.I386.audit(), I386_IOCTL, register),
                isLogged(program, Arch.X86_64.audit(), X32_IOCTL, register))) {
          assertThat(logged)
              .as("%s, register %x, of 32 bits", text, register)
              .isEqualTo(holds(operator, (int) register & LOW, constant & LOW, mask & LOW));
        }
      }
    }
  }

  private static final long LOW = 0xffff_ffffL;
  private static final int X86_64_IOCTL = Arch.X86_64.number("ioctl").orElseThrow();
  private static final int I386_IOCTL = Arch.I386.number("ioctl").orElseThrow();
  private static final int X32_IOCTL = 0x4000_0000 | 514;

  private static boolean isLogged(Program program, int arch, int nr, long register) {
    return Simulator.run(program, SeccompData.of(nr, arch, 0, register)).action()
        == Seccomp.RET_LOG;
  }

  /// What seccomp_rule_add(3) says.
  private static boolean holds(Operator operator, long register, long constant, long mask) {
    int order = Long.compareUnsigned(register, constant);
    return switch (operator) {
      case NE -> order != 0;
      case LT -> order < 0;
      case LE -> order <= 0;
      case EQ -> order == 0;
      case GE -> order >= 0;
      case GT -> order > 0;
      case MASKED_EQ -> (register & mask) == (constant & mask);
    };
  }

  /// Without the architecture of x32 in the profile, its calls kill.
  @Test
  void killsWhatNobodyNamed() throws PolicyException {
    String text = "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": []}";
    var handlers = Handlers.load(List.of(), Optional.empty(), Asker.NOBODY);
    Program ours = PolicyCompiler.compileProfile("p.json", text, handlers, Host.here()).filter();

    var call = SeccompData.of(X32_IOCTL, Arch.X86_64.audit());
    assertThat(Simulator.run(ours, call).action()).isEqualTo(Seccomp.RET_KILL_THREAD);
  }
}
