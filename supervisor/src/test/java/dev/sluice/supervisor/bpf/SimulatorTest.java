package dev.sluice.supervisor.bpf;

import static dev.sluice.supervisor.bpf.Instruction.X;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What each instruction does. That the kernel does the same is the matter of
/// [KernelAgreementTest].
class SimulatorTest {
  private static final SeccompData CALL =
      new SeccompData(0x11, 0x22, 0x44_0000_0033L, List.of(0x66_0000_0055L, 1L, 2L, 3L, 4L, -2L));

  @ParameterizedTest
  @CsvSource({
    "0, 0x11",
    "4, 0x22",
    "8, 0x33",
    "12, 0x44",
    "16, 0x55",
    "20, 0x66",
    "24, 1",
    "28, 0",
    "56, 0xfffffffe",
    "60, 0xffffffff",
  })
  void loadsAWordOfTheCall(int offset, String word) {
    assertResult(word, i(Instruction.LD_ABS, offset));
  }

  @ParameterizedTest
  @CsvSource({
    "ADD, 7, 5, 12",
    "ADD, 0xffffffff, 1, 0",
    "SUB, 5, 7, 0xfffffffe",
    "MUL, 0x10000, 0x10000, 0",
    "MUL, 7, 6, 42",
    // without a sign
    "DIV, 0xfffffffe, 2, 0x7fffffff",
    "DIV, 7, 2, 3",
    "OR, 12, 10, 14",
    "AND, 12, 10, 8",
    "XOR, 12, 10, 6",
    "LSH, 1, 31, 0x80000000",
    "LSH, 3, 0, 3",
    "RSH, 0x80000000, 31, 1",
    "RSH, 0xffffffff, 4, 0x0fffffff",
  })
  void computesWithAConstantAndWithTheIndexRegister(
      String operation, String a, String operand, String result) {
    int code =
        switch (operation) {
          case "ADD" -> Instruction.ADD_K;
          case "SUB" -> Instruction.SUB_K;
          case "MUL" -> Instruction.MUL_K;
          case "DIV" -> Instruction.DIV_K;
          case "OR" -> Instruction.OR_K;
          case "AND" -> Instruction.AND_K;
          case "XOR" -> Instruction.XOR_K;
          case "LSH" -> Instruction.LSH_K;
          default -> Instruction.RSH_K;
        };
    assertResult(result, i(Instruction.LD_IMM, word(a)), i(code, word(operand)));
    assertResult(
        result,
        i(Instruction.LDX_IMM, word(operand)),
        i(Instruction.LD_IMM, word(a)),
        i(code | X, 0));
  }

  @Test
  void negates() {
    assertResult("0xffffffff", i(Instruction.LD_IMM, 1), i(Instruction.NEG, 0));
  }

  /// The kernel refuses to shift by a constant of 32 or more, and takes 5 bits of the register.
  @Test
  void shiftsByFiveBitsOfTheIndexRegister() {
    assertResult(
        "2", i(Instruction.LDX_IMM, 33), i(Instruction.LD_IMM, 1), i(Instruction.LSH_K | X, 0));
  }

  @Test
  void endsWithZeroWhenItDividesByZero() {
    assertResult(
        "0",
        i(Instruction.LDX_IMM, 0),
        i(Instruction.LD_IMM, 7),
        i(Instruction.DIV_K | X, 0),
        i(Instruction.LD_IMM, 9));
  }

  @Test
  void movesBetweenRegistersAndMemory() {
    assertResult(
        "7",
        i(Instruction.LD_IMM, 7),
        i(Instruction.ST, 15),
        i(Instruction.LDX_MEM, 15),
        i(Instruction.LD_IMM, 0),
        i(Instruction.TXA, 0),
        i(Instruction.TAX, 0),
        i(Instruction.STX, 3),
        i(Instruction.LD_IMM, 0),
        i(Instruction.LD_MEM, 3));
  }

  @ParameterizedTest
  @CsvSource({
    "JEQ, 5, 5, true",
    "JEQ, 5, 6, false",
    "JGT, 6, 5, true",
    "JGT, 5, 5, false",
    // without a sign
    "JGT, 0x80000000, 0x7fffffff, true",
    "JGE, 5, 5, true",
    "JGE, 4, 5, false",
    "JGE, 0, 0xffffffff, false",
    "JSET, 6, 2, true",
    "JSET, 6, 9, false",
    "JSET, 6, 0, false",
  })
  void jumpsOnAConditionWithAConstantAndWithTheIndexRegister(
      String jump, String a, String operand, boolean taken) {
    int code =
        switch (jump) {
          case "JEQ" -> Instruction.JEQ_K;
          case "JGT" -> Instruction.JGT_K;
          case "JGE" -> Instruction.JGE_K;
          default -> Instruction.JSET_K;
        };
    String expected = taken ? "1" : "2";
    assertResult(
        expected,
        i(Instruction.LD_IMM, word(a)),
        new Instruction(code, 1, 0, word(operand)),
        i(Instruction.RET_K, 2),
        i(Instruction.RET_K, 1));
    assertResult(
        expected,
        i(Instruction.LDX_IMM, word(operand)),
        i(Instruction.LD_IMM, word(a)),
        new Instruction(code | X, 1, 0, 0),
        i(Instruction.RET_K, 2),
        i(Instruction.RET_K, 1));
  }

  @Test
  void jumpsAlways() {
    assertResult(
        "3",
        i(Instruction.LD_IMM, 3),
        i(Instruction.JA, 1),
        i(Instruction.LD_IMM, 4),
        i(Instruction.RET_A, 0));
  }

  @Test
  void countsWhatItExecutes() {
    var program =
        new Program(
            List.of(
                i(Instruction.JA, 1),
                i(Instruction.RET_K, 1),
                i(Instruction.LD_IMM, 0),
                i(Instruction.RET_K, 2)));
    assertThat(Simulator.run(program, CALL)).isEqualTo(new Simulator.Outcome(2, 3));
  }

  @Test
  void refusesWhatIsNoProgram() {
    var endless = new Program(List.of(i(Instruction.LD_IMM, 0)));
    assertThatThrownBy(() -> Simulator.run(endless, CALL))
        .hasMessage("the program runs past its end");
    var modulo = new Program(List.of(i(0x94, 1), i(Instruction.RET_A, 0)));
    assertThatThrownBy(() -> Simulator.run(modulo, CALL)).hasMessage("no such operation: 0x94");
    var longer = new Program(List.of(new Instruction(0x55, 0, 0, 0), i(Instruction.RET_A, 0)));
    assertThatThrownBy(() -> Simulator.run(longer, CALL)).hasMessage("no such operation: 0x55");
  }

  private static Instruction i(int code, int k) {
    return new Instruction(code, 0, 0, k);
  }

  private static int word(String text) {
    return (int) (long) Long.decode(text);
  }

  /// Runs the instructions, and returns the accumulator where they do not return themselves.
  private static void assertResult(String expected, Instruction... instructions) {
    var program = new ArrayList<>(List.of(instructions));
    program.add(i(Instruction.RET_A, 0));
    assertThat(Simulator.run(new Program(program), CALL).action()).isEqualTo(word(expected));
  }
}
