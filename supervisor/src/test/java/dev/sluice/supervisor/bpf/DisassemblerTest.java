package dev.sluice.supervisor.bpf;

import static dev.sluice.supervisor.bpf.Instruction.X;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.kernel.Seccomp;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class DisassemblerTest {
  static Stream<Arguments> instructions() {
    return Stream.of(
        Arguments.of(Instruction.LD_ABS, SeccompData.NR, "ld [nr]"),
        Arguments.of(Instruction.LD_ABS, SeccompData.ARCH, "ld [arch]"),
        Arguments.of(Instruction.LD_ABS, 8, "ld [ip.low]"),
        Arguments.of(Instruction.LD_ABS, 12, "ld [ip.high]"),
        Arguments.of(Instruction.LD_ABS, SeccompData.low(0), "ld [args[0].low]"),
        Arguments.of(Instruction.LD_ABS, SeccompData.high(5), "ld [args[5].high]"),
        Arguments.of(Instruction.LD_IMM, -1, "ld #0xffffffff"),
        Arguments.of(Instruction.LDX_IMM, 16, "ldx #0x10"),
        Arguments.of(Instruction.LD_MEM, 3, "ld M[3]"),
        Arguments.of(Instruction.LDX_MEM, 15, "ldx M[15]"),
        Arguments.of(Instruction.ST, 0, "st M[0]"),
        Arguments.of(Instruction.STX, 1, "stx M[1]"),
        Arguments.of(Instruction.TAX, 0, "tax"),
        Arguments.of(Instruction.TXA, 0, "txa"),
        Arguments.of(Instruction.ADD_K, 1, "add #0x1"),
        Arguments.of(Instruction.ADD_K | X, 0, "add x"),
        Arguments.of(Instruction.SUB_K, 1, "sub #0x1"),
        Arguments.of(Instruction.MUL_K, 1, "mul #0x1"),
        Arguments.of(Instruction.DIV_K | X, 0, "div x"),
        Arguments.of(Instruction.OR_K, 1, "or #0x1"),
        Arguments.of(Instruction.AND_K, 0xffff, "and #0xffff"),
        Arguments.of(Instruction.XOR_K, 1, "xor #0x1"),
        Arguments.of(Instruction.LSH_K, 31, "lsh #0x1f"),
        Arguments.of(Instruction.RSH_K | X, 0, "rsh x"),
        Arguments.of(Instruction.NEG, 0, "neg"),
        Arguments.of(Instruction.RET_A, 0, "ret a"),
        Arguments.of(Instruction.RET_K, Seccomp.RET_ALLOW, "ret allow"),
        // nothing seccomp(2) would take, but nothing to fail on
        Arguments.of(0x94, 7, "op 0x94 #0x7"));
  }

  @ParameterizedTest(name = "{2}")
  @MethodSource("instructions")
  void writesAnInstruction(int code, int k, String text) {
    assertThat(Disassembler.disassemble(new Program(List.of(new Instruction(code, 0, 0, k)))))
        .isEqualTo("0000: " + text + "\n");
  }

  @Test
  void writesJumpsWithTheLinesTheyLeadTo() {
    var program =
        new Program(
            List.of(
                new Instruction(Instruction.JEQ_K, 0, 3, 0x101),
                new Instruction(Instruction.JGT_K, 1, 2, 1),
                new Instruction(Instruction.JGE_K, 0, 1, 2),
                new Instruction(Instruction.JSET_K | X, 1, 0, 0),
                new Instruction(Instruction.JA, 0, 0, 1),
                new Instruction(Instruction.RET_K, 0, 0, Seccomp.RET_ERRNO | 13),
                new Instruction(Instruction.RET_K, 0, 0, Seccomp.RET_USER_NOTIF)));
    assertThat(Disassembler.disassemble(program))
        .isEqualTo(
            """
            0000: jeq #0x101, 1, 4
            0001: jgt #0x1, 3, 4
            0002: jge #0x2, 3, 4
            0003: jset x, 5, 4
            0004: ja 6
            0005: ret errno EACCES
            0006: ret notify
            """);
  }

  static Stream<Arguments> actions() {
    return Stream.of(
        Arguments.of(Seccomp.RET_KILL_PROCESS, "kill process"),
        Arguments.of(Seccomp.RET_KILL_THREAD, "kill thread"),
        Arguments.of(Seccomp.RET_TRAP, "trap 0"),
        Arguments.of(Seccomp.RET_TRAP | 7, "trap 7"),
        Arguments.of(Seccomp.RET_ERRNO, "errno 0"),
        Arguments.of(Seccomp.RET_ERRNO | 38, "errno ENOSYS"),
        Arguments.of(Seccomp.RET_ERRNO | 4095, "errno 4095"),
        Arguments.of(Seccomp.RET_USER_NOTIF, "notify"),
        Arguments.of(Seccomp.RET_TRACE | 0xffff, "trace 65535"),
        Arguments.of(Seccomp.RET_LOG, "log"),
        Arguments.of(Seccomp.RET_ALLOW, "allow"),
        Arguments.of(0x12340000, "0x12340000"));
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("actions")
  void writesAnActionInWords(int action, String text) {
    assertThat(Disassembler.action(action)).isEqualTo(text);
  }
}
