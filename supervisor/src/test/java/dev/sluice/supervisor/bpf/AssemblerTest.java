package dev.sluice.supervisor.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.supervisor.bpf.Node.Comparison;
import dev.sluice.supervisor.kernel.Seccomp;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AssemblerTest {
  private static final int ARG0 = SeccompData.low(0);
  private static final int ARG1 = SeccompData.low(1);

  private final Nodes nodes = new Nodes();
  private final Node allow = nodes.give(Seccomp.RET_ALLOW);
  private final Node deny = nodes.give(Seccomp.RET_ERRNO | 1);

  @Test
  void aReturnIsOneInstruction() {
    assertAssembled(allow, "0000: ret allow\n");
  }

  @Test
  void aComparisonLoadsItsWord() {
    assertAssembled(
        nodes.equal(ARG0, 7, deny, allow),
        """
        0000: ld [args[0].low]
        0001: jeq #0x7, 3, 2
        0002: ret allow
        0003: ret errno EPERM
        """);
  }

  @Test
  void whatIsLoadedIsNotLoadedAgain() {
    assertAssembled(
        nodes.equal(ARG0, 7, deny, nodes.equal(ARG0, 8, deny, allow)),
        """
        0000: ld [args[0].low]
        0001: jeq #0x7, 4, 2
        0002: jeq #0x8, 4, 3
        0003: ret allow
        0004: ret errno EPERM
        """);
  }

  @Test
  void aMaskIsAppliedBehindTheLoadAndIsPartOfWhatIsLoaded() {
    Node masked = nodes.test(ARG0, 0xff, Comparison.EQUAL, 8, deny, allow);
    assertAssembled(
        nodes.equal(ARG0, 7, deny, masked),
        """
        0000: ld [args[0].low]
        0001: jeq #0x7, 6, 2
        0002: ld [args[0].low]
        0003: and #0xff
        0004: jeq #0x8, 6, 5
        0005: ret allow
        0006: ret errno EPERM
        """);
  }

  /// It is entered behind its load from one side and before it from the other.
  @Test
  void aSharedEndStandsThereOnce() {
    Node shared = nodes.equal(ARG1, 9, deny, allow);
    Node sameWord = nodes.equal(ARG1, 8, shared, shared);
    assertThat(sameWord).as("a test that decides nothing").isSameAs(shared);
    Node viaSameWord = nodes.equal(ARG1, 8, shared, allow);
    assertAssembled(
        nodes.equal(ARG0, 7, shared, viaSameWord),
        """
        0000: ld [args[0].low]
        0001: jeq #0x7, 4, 2
        0002: ld [args[1].low]
        0003: jeq #0x8, 5, 6
        0004: ld [args[1].low]
        0005: jeq #0x9, 7, 6
        0006: ret allow
        0007: ret errno EPERM
        """);
  }

  @Test
  void equalNodesAreOne() {
    assertThat(nodes.give(Seccomp.RET_ALLOW)).isSameAs(allow);
    assertThat(nodes.equal(ARG0, 7, deny, allow)).isSameAs(nodes.equal(ARG0, 7, deny, allow));
    assertThat(nodes.equal(ARG0, 7, deny, allow)).isNotSameAs(nodes.equal(ARG0, 7, allow, deny));
  }

  /// Conditional jumps reach 255 instructions: at that distance a jump of its own is put in
  /// between, and not before.
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 250, 251, 252, 253, 254, 255, 256, 257, 300, 1000})
  void jumpsReachAsFarAsTheyMust(int between) {
    Node chain = allow;
    for (int i = 0; i < between; i++) {
      // every one of them, the first as the last, may go to the far end
      chain = nodes.equal(ARG0, i, deny, chain);
    }
    Program program = Assembler.assemble(chain);
    assertWellFormed(program);
    for (int i = -1; i <= between; i++) {
      int expected = i >= 0 && i < between ? Seccomp.RET_ERRNO | 1 : Seccomp.RET_ALLOW;
      assertThat(Simulator.run(program, SeccompData.of(0, 0, i)).action()).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void aProgramDecidesAsItsGraph(long seed) {
    var random = new Random(seed);
    for (int size : new int[] {10, 40, 200, 700}) {
      Node graph = new RandomGraph(random, size).make();
      Program program = Assembler.assemble(graph);
      assertWellFormed(program);
      for (int i = 0; i < 200; i++) {
        long[] args = random.longs(6).map(_ -> RandomWords.wide(random)).toArray();
        SeccompData data = SeccompData.of(1, 2, args);
        assertThat(Simulator.run(program, data).action())
            .isEqualTo(RandomGraph.decide(graph, data));
      }
    }
  }

  @Test
  void theKernelsLimitIsKept() {
    // a load, a comparison each, two returns
    assertThat(Assembler.assemble(chain(Program.MAX_INSTRUCTIONS - 3)).size())
        .isEqualTo(Program.MAX_INSTRUCTIONS);
    assertThatThrownBy(() -> Assembler.assemble(chain(Program.MAX_INSTRUCTIONS - 2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("4097 instructions; the kernel takes 1 to 4096");
  }

  @Test
  void aGraphFarBeyondTheLimitIsRefusedLikeAnyOther() {
    assertThatThrownBy(() -> Assembler.assemble(chain(1_000_000)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("more than 4096 instructions; the kernel takes 1 to 4096");
  }

  /// Of comparisons all of whose ends are near.
  private Node chain(int length) {
    Node chain = allow;
    for (int i = 0; i < length; i++) {
      chain = new Node.Test(ARG0, -1, Comparison.EQUAL, i, chain, i == 0 ? deny : chain);
    }
    return chain;
  }

  private static void assertAssembled(Node root, String text) {
    assertThat(Disassembler.disassemble(Assembler.assemble(root))).isEqualTo(text);
  }

  /// What the kernel checks before it takes a filter (`bpf_check_classic`).
  private static void assertWellFormed(Program program) {
    var instructions = program.instructions();
    assertThat(instructions.getLast().isReturn()).isTrue();
    for (int i = 0; i < instructions.size(); i++) {
      Instruction instruction = instructions.get(i);
      assertThat(instruction.jt()).isBetween(0, 255);
      assertThat(instruction.jf()).isBetween(0, 255);
      if (instruction.isConditionalJump()) {
        assertThat(i + 1 + Math.max(instruction.jt(), instruction.jf()))
            .isLessThan(instructions.size());
      } else if (instruction.code() == Instruction.JA) {
        assertThat(instruction.k()).isBetween(0, instructions.size() - i - 2);
      }
    }
  }
}
