package dev.sluice.supervisor.container;

import dev.sluice.supervisor.kernel.NativeBytes;

/// Which instructions a device program of a container may have: those that look at what device is
/// to be opened, and decide. None that calls anything, or uses a map, or writes to memory, or jumps
/// backwards: runtimes and init systems need none, and what the kernel's verifier need not look at,
/// nobody can get past it with.
///
/// linux/bpf.h, linux/bpf_common.h; RFC 9669.
final class DeviceInstructions {
  static final int SIZE = 8;

  private static final int CLASS = 0x07;
  private static final int LD = 0x00;
  private static final int LDX = 0x01;
  private static final int ALU = 0x04;
  private static final int JMP = 0x05;
  private static final int JMP32 = 0x06;
  private static final int ALU64 = 0x07;

  /// What the other bits of a load and of a jump mean.
  private static final int MODE = 0xe0;

  private static final int MEM = 0x60;
  private static final int OPERATION = 0xf0;
  private static final int JA = 0x00;
  private static final int CALL = 0x80;
  private static final int EXIT = 0x95;
  private static final int LAST_CONDITION = 0xd0;

  /// BPF_LD | BPF_IMM | BPF_DW, of two instructions
  private static final int LD_IMM64 = 0x18;

  private DeviceInstructions() {}

  /// Whether all of `count` instructions are such.
  static boolean arePlain(NativeBytes code, int count) {
    int i = 0;
    while (i < count && isPlain(code, i)) {
      i += opcode(code, i) == LD_IMM64 ? 2 : 1;
    }
    return i == count;
  }

  private static boolean isPlain(NativeBytes code, int index) {
    int opcode = opcode(code, index);
    int offset = code.getShort(SIZE * (long) index + 2);
    return switch (opcode & CLASS) {
      // with a source, the number is that of a map, or of something else of the kernel's
      case LD -> opcode == LD_IMM64 && (code.getByte(SIZE * (long) index + 1) & 0xf0) == 0;
      case LDX -> (opcode & MODE) == MEM;
      case ALU, ALU64 -> offset == 0;
      case JMP -> opcode == EXIT || isForward(opcode, offset);
      case JMP32 -> (opcode & OPERATION) != JA && isForward(opcode, offset);
      default -> false;
    };
  }

  private static boolean isForward(int opcode, int offset) {
    int operation = opcode & OPERATION;
    return operation != CALL
        && operation != (EXIT & OPERATION)
        && operation <= LAST_CONDITION
        && offset >= 0;
  }

  private static int opcode(NativeBytes code, int index) {
    return Byte.toUnsignedInt(code.getByte(SIZE * (long) index));
  }
}
