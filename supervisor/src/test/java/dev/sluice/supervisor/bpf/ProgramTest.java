package dev.sluice.supervisor.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ProgramTest {
  private static final Instruction RETURN = new Instruction(Instruction.RET_K, 0, 0, 0);

  @Test
  void isAnArrayOfSockFilter() {
    var program =
        new Program(List.of(new Instruction(Instruction.JEQ_K, 1, 255, 0x80000001), RETURN));
    boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    assertThat(program.toBytes())
        .startsWith(
            little
                ? new int[] {0x15, 0, 1, 255, 0x01, 0, 0, 0x80}
                : new int[] {0, 0x15, 1, 255, 0x80, 0, 0, 0x01});
    assertThat(program.toBytes()).hasSize(2 * Program.INSTRUCTION_SIZE);
  }

  @Test
  void comesBackFromItsBytes() {
    for (int seed = 0; seed < 20; seed++) {
      Program program = new RandomProgram(new Random(seed)).make();
      assertThat(Program.ofBytes(program.toBytes())).isEqualTo(program);
    }
  }

  @Test
  void hasBetweenOneAndFourThousandNinetySixInstructions() {
    assertThat(new Program(Collections.nCopies(4096, RETURN)).size()).isEqualTo(4096);
    assertThatThrownBy(() -> new Program(Collections.nCopies(4097, RETURN)))
        .hasMessage("4097 instructions; the kernel takes 1 to 4096");
    assertThatThrownBy(() -> new Program(List.of()))
        .hasMessage("0 instructions; the kernel takes 1 to 4096");
    assertThatThrownBy(() -> Program.ofBytes(new byte[0]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void isNotMadeOfHalfAnInstruction() {
    assertThatThrownBy(() -> Program.ofBytes(new byte[12]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("12 bytes; an instruction has 8");
  }

  @Test
  void neverChanges() {
    var instructions = new ArrayList<>(List.of(RETURN));
    var program = new Program(instructions);
    instructions.clear();
    assertThat(program.size()).isEqualTo(1);
  }
}
