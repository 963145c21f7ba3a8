package dev.sluice.supervisor.bpf;

/// `struct sock_filter` of linux/filter.h.
///
/// @param code operation, one of the constants here
/// @param jt how many instructions to skip if a jump's condition holds, 0 to 255
/// @param jf and if not
/// @param k the constant: 32 bits, unsigned
public record Instruction(int code, int jt, int jf, int k) {
  public static final int LD_ABS = 0x20;
  public static final int LD_IMM = 0x00;
  public static final int LDX_IMM = 0x01;
  public static final int LD_MEM = 0x60;
  public static final int LDX_MEM = 0x61;
  public static final int ST = 0x02;
  public static final int STX = 0x03;
  public static final int ADD_K = 0x04;
  public static final int SUB_K = 0x14;
  public static final int MUL_K = 0x24;
  public static final int DIV_K = 0x34;
  public static final int OR_K = 0x44;
  public static final int AND_K = 0x54;
  public static final int LSH_K = 0x64;
  public static final int RSH_K = 0x74;
  public static final int NEG = 0x84;
  public static final int XOR_K = 0xa4;
  public static final int JA = 0x05;
  public static final int JEQ_K = 0x15;
  public static final int JGT_K = 0x25;
  public static final int JGE_K = 0x35;
  public static final int JSET_K = 0x45;
  public static final int RET_K = 0x06;
  public static final int RET_A = 0x16;
  public static final int TAX = 0x07;
  public static final int TXA = 0x87;

  /// Added to an arithmetic or jump operation: the second operand is the index register, not `k`.
  public static final int X = 0x08;

  public boolean isReturn() {
    return (code & 7) == 6;
  }

  public boolean isConditionalJump() {
    return (code & 7) == 5 && code != JA;
  }
}
