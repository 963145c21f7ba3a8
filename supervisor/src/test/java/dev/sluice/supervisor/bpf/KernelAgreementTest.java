package dev.sluice.supervisor.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.syscall.Arch;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The simulator and this kernel do the same with a filter.
class KernelAgreementTest {
  private static final int PROGRAMS = 60;
  private static final int CALLS_EACH = 12;

  /// Calls that take no arguments and are never 0: whatever is in the registers, they do no harm.
  private static final List<String> HARMLESS = List.of("getpid", "getppid", "gettid");

  private static final int SIGSYS = 31;

  @Test
  void onRandomProgramsOfEveryInstruction() {
    compare(20250101, random -> new RandomProgram(random).make());
  }

  @Test
  void onAssembledGraphs() {
    compare(20250202, random -> Assembler.assemble(new RandomGraph(random, 300).make()));
  }

  @Test
  void onTheLongestProgramThereCanBe() {
    var instructions = new ArrayList<Instruction>();
    for (int i = 0; i < Program.MAX_INSTRUCTIONS - 1; i++) {
      instructions.add(new Instruction(Instruction.LD_IMM, 0, 0, i));
    }
    instructions.add(new Instruction(Instruction.RET_K, 0, 0, Seccomp.RET_ALLOW));
    var calls = new FilteredCalls();
    calls.add(new Program(instructions), List.of(call("gettid")));
    assertThat(calls.make()).singleElement().asString().startsWith("value ");
  }

  @Test
  void onWhatEachActionDoes() {
    var expected = new ArrayList<String>();
    var calls = new FilteredCalls();
    for (String line :
        List.of(
            Seccomp.RET_KILL_PROCESS + " signal 31",
            Seccomp.RET_KILL_THREAD + " signal 31",
            Seccomp.RET_TRAP + " signal 31",
            (Seccomp.RET_ERRNO | 1) + " value -1",
            (Seccomp.RET_ERRNO | 4095) + " value -4095",
            // more than MAX_ERRNO cannot be returned
            (Seccomp.RET_ERRNO | 0xffff) + " value -4095",
            Seccomp.RET_ERRNO + " value 0",
            // nobody listens, nobody traces
            Seccomp.RET_USER_NOTIF + " value -38",
            Seccomp.RET_TRACE + " value -38")) {
      String[] actionAndResult = line.split(" ", 2);
      int action = Integer.parseInt(actionAndResult[0]);
      calls.add(
          new Program(List.of(new Instruction(Instruction.RET_K, 0, 0, action))),
          List.of(call("gettid")));
      expected.add(actionAndResult[1]);
    }
    assertThat(calls.make()).isEqualTo(expected);
  }

  private interface Generator {
    Program generate(Random random);
  }

  private static void compare(long seed, Generator generator) {
    var random = new Random(seed);
    var made = new FilteredCalls();
    var expected = new ArrayList<String>();
    for (int i = 0; i < PROGRAMS; i++) {
      Program program = generator.generate(random);
      List<SeccompData> calls = calls(random);
      made.add(program, calls);
      for (SeccompData call : calls) {
        expected.add(result(Simulator.run(program, call).action()));
      }
    }
    List<String> results = made.make();
    assertThat(results).hasSameSizeAs(expected);
    for (int i = 0; i < results.size(); i++) {
      assertThat(results.get(i))
          .as("seed %d, program %d, call %d", seed, i / CALLS_EACH, i % CALLS_EACH)
          .matches(expected.get(i));
    }
  }

  private static List<SeccompData> calls(Random random) {
    var calls = new ArrayList<SeccompData>();
    for (int i = 0; i < CALLS_EACH; i++) {
      long[] args = new long[6];
      for (int j = 0; j < 6; j++) {
        args[j] = RandomWords.wide(random);
      }
      calls.add(call(HARMLESS.get(random.nextInt(HARMLESS.size())), args));
    }
    return calls;
  }

  private static SeccompData call(String name, long... args) {
    Arch host = Arch.host();
    return SeccompData.of(host.number(name).orElseThrow(), host.audit(), args);
  }

  /// What a program sees of an action, as a pattern.
  private static String result(int action) {
    int data = action & Seccomp.RET_DATA;
    return switch (action & Seccomp.RET_ACTION) {
      case Seccomp.RET_ALLOW, Seccomp.RET_LOG -> "value [1-9][0-9]*";
      case Seccomp.RET_ERRNO -> "value " + (data == 0 ? "0" : -Math.min(data, Errno.MAX_ERRNO));
      case Seccomp.RET_USER_NOTIF, Seccomp.RET_TRACE -> "value -" + Errno.ENOSYS.number();
      default -> "signal " + SIGSYS;
    };
  }
}
