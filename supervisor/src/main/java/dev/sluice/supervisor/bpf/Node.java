package dev.sluice.supervisor.bpf;

/// A filter as a graph of decisions without cycles; [Assembler] makes the program. Made by [Nodes],
/// which makes equal nodes one, so that shared ends are assembled once.
public sealed interface Node {

  /// @param action a `SECCOMP_RET_` value with its data
  record Return(int action) implements Node {}

  /// Compares one word of the call, masked, with a constant, unsigned.
  ///
  /// @param offset of the word in `struct seccomp_data`
  /// @param mask -1 for the word as it is
  record Test(int offset, int mask, Comparison comparison, int k, Node yes, Node no)
      implements Node {
    // nodes are compared by identity: a comparison in depth would visit shared ends again and again
    @Override
    public boolean equals(Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }
  }

  enum Comparison {
    EQUAL(Instruction.JEQ_K),
    GREATER(Instruction.JGT_K),
    AT_LEAST(Instruction.JGE_K);

    private final int code;

    Comparison(int code) {
      this.code = code;
    }

    int code() {
      return code;
    }
  }
}
