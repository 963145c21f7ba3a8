package dev.sluice.supervisor.bpf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/// A filter: instructions that seccomp(2) accepts.
public record Program(List<Instruction> instructions) {
  /// `BPF_MAXINSNS`, the most instructions of one filter.
  public static final int MAX_INSTRUCTIONS = 4096;

  /// `sizeof(struct sock_filter)`.
  public static final int INSTRUCTION_SIZE = 8;

  public Program {
    instructions = List.copyOf(instructions);
    if (instructions.isEmpty() || instructions.size() > MAX_INSTRUCTIONS) {
      throw notAcceptable(Integer.toString(instructions.size()));
    }
  }

  static IllegalArgumentException notAcceptable(String size) {
    return new IllegalArgumentException(
        size + " instructions; the kernel takes 1 to " + MAX_INSTRUCTIONS);
  }

  public int size() {
    return instructions.size();
  }

  /// As an array of `struct sock_filter`, in the byte order of this machine.
  public byte[] toBytes() {
    var bytes = ByteBuffer.allocate(size() * INSTRUCTION_SIZE).order(ByteOrder.nativeOrder());
    for (Instruction instruction : instructions) {
      bytes
          .putShort((short) instruction.code())
          .put((byte) instruction.jt())
          .put((byte) instruction.jf())
          .putInt(instruction.k());
    }
    return bytes.array();
  }

  /// Throws [IllegalArgumentException] if this is no whole number of instructions.
  public static Program ofBytes(byte[] bytes) {
    if (bytes.length % INSTRUCTION_SIZE != 0) {
      throw new IllegalArgumentException(
          bytes.length + " bytes; an instruction has " + INSTRUCTION_SIZE);
    }
    var buffer = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    var instructions = new Instruction[bytes.length / INSTRUCTION_SIZE];
    for (int i = 0; i < instructions.length; i++) {
      instructions[i] =
          new Instruction(
              Short.toUnsignedInt(buffer.getShort()),
              Byte.toUnsignedInt(buffer.get()),
              Byte.toUnsignedInt(buffer.get()),
              buffer.getInt());
    }
    return new Program(List.of(instructions));
  }
}
