package dev.sluice.supervisor.bpf;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Seccomp;
import java.util.Locale;

/// A filter as text, one instruction a line: `0004: jeq #0x101, 7, 5`. Jump targets are line
/// numbers.
public final class Disassembler {
  private Disassembler() {}

  public static String disassemble(Program program) {
    var text = new StringBuilder();
    for (int i = 0; i < program.size(); i++) {
      text.append(String.format(Locale.ROOT, "%04d: ", i))
          .append(line(i, program.instructions().get(i)))
          .append('\n');
    }
    return text.toString();
  }

  private static String line(int at, Instruction instruction) {
    int k = instruction.k();
    return switch (instruction.code()) {
      case Instruction.LD_ABS -> "ld " + field(k);
      case Instruction.LD_IMM -> "ld #" + hex(k);
      case Instruction.LDX_IMM -> "ldx #" + hex(k);
      case Instruction.LD_MEM -> "ld M[" + k + "]";
      case Instruction.LDX_MEM -> "ldx M[" + k + "]";
      case Instruction.ST -> "st M[" + k + "]";
      case Instruction.STX -> "stx M[" + k + "]";
      case Instruction.TAX -> "tax";
      case Instruction.TXA -> "txa";
      case Instruction.NEG -> "neg";
      case Instruction.RET_A -> "ret a";
      case Instruction.RET_K -> "ret " + action(k);
      case Instruction.JA -> "ja " + (at + 1 + k);
      default -> withOperand(at, instruction);
    };
  }

  private static String withOperand(int at, Instruction instruction) {
    boolean x = (instruction.code() & Instruction.X) != 0;
    String operand = x ? "x" : "#" + hex(instruction.k());
    String text = mnemonic(instruction.code() & ~Instruction.X) + " " + operand;
    return instruction.isConditionalJump()
        ? text + ", " + (at + 1 + instruction.jt()) + ", " + (at + 1 + instruction.jf())
        : text;
  }

  private static String mnemonic(int code) {
    return switch (code) {
      case Instruction.JEQ_K -> "jeq";
      case Instruction.JGT_K -> "jgt";
      case Instruction.JGE_K -> "jge";
      case Instruction.JSET_K -> "jset";
      case Instruction.ADD_K -> "add";
      case Instruction.SUB_K -> "sub";
      case Instruction.MUL_K -> "mul";
      case Instruction.DIV_K -> "div";
      case Instruction.OR_K -> "or";
      case Instruction.AND_K -> "and";
      case Instruction.XOR_K -> "xor";
      case Instruction.LSH_K -> "lsh";
      case Instruction.RSH_K -> "rsh";
      default -> "op " + hex(code);
    };
  }

  private static String field(int offset) {
    return switch (offset) {
      case SeccompData.NR -> "[nr]";
      case SeccompData.ARCH -> "[arch]";
      case 8 -> "[ip.low]";
      case 12 -> "[ip.high]";
      default -> "[args[" + (offset - 16) / 8 + "]." + ((offset & 4) == 0 ? "low" : "high") + "]";
    };
  }

  private static String errno(int number) {
    String name = Errno.nameOf(number);
    return name.startsWith("errno ") ? name : "errno " + name; // some have no name
  }

  /// A `SECCOMP_RET_` value in the words of a policy, such as `errno EPERM`.
  public static String action(int value) {
    int data = value & Seccomp.RET_DATA;
    return switch (value & Seccomp.RET_ACTION) {
      case Seccomp.RET_KILL_PROCESS -> "kill process";
      case Seccomp.RET_KILL_THREAD -> "kill thread";
      case Seccomp.RET_TRAP -> "trap " + data;
      case Seccomp.RET_ERRNO -> errno(data);
      case Seccomp.RET_USER_NOTIF -> "notify";
      case Seccomp.RET_TRACE -> "trace " + data;
      case Seccomp.RET_LOG -> "log";
      case Seccomp.RET_ALLOW -> "allow";
      default -> hex(value);
    };
  }

  private static String hex(int k) {
    return "0x" + Integer.toHexString(k);
  }
}
