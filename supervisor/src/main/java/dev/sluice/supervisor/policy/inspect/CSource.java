package dev.sluice.supervisor.policy.inspect;

import dev.sluice.supervisor.bpf.Disassembler;
import dev.sluice.supervisor.bpf.Instruction;
import dev.sluice.supervisor.policy.CompiledPolicy;
import java.util.List;
import java.util.Locale;

/// The filter of a policy as C, for programs that install it themselves.
public final class CSource {
  private static final String WITH_LISTENER =
      """
       * It notifies: install it with SECCOMP_FILTER_FLAG_NEW_LISTENER, and have somebody answer.
      """;

  private static final String WITHOUT_LISTENER =
      """
       * It needs no listener: prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), then
       * prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &sluice_prog).
      """;

  private CSource() {}

  /// Defines `struct sock_fprog sluice_prog`.
  public static String of(CompiledPolicy policy) {
    List<Instruction> instructions = policy.filter().instructions();
    List<String> lines = Disassembler.disassemble(policy.filter()).lines().toList();
    var text = new StringBuilder();
    text.append("/*\n * The seccomp filter of the policy ")
        .append(policy.policy().name().replace("*/", "* /").replaceAll("\\p{Cntrl}", " "))
        .append(", for little-endian machines.\n *\n")
        .append(policy.notifies() ? WITH_LISTENER : WITHOUT_LISTENER)
        .append(" */\n#include <linux/filter.h>\n\n")
        .append("struct sock_filter sluice_filter[] = {\n");
    for (int i = 0; i < instructions.size(); i++) {
      Instruction instruction = instructions.get(i);
      text.append(
          String.format(
              Locale.ROOT,
              "\t{ 0x%02x, %d, %d, 0x%08x }, /* %s */%n",
              instruction.code(),
              instruction.jt(),
              instruction.jf(),
              instruction.k(),
              lines.get(i)));
    }
    return text.append("};\n\nconst struct sock_fprog sluice_prog = {\n")
        .append("\t.len = sizeof(sluice_filter) / sizeof(sluice_filter[0]),\n")
        .append("\t.filter = sluice_filter,\n};\n")
        .toString();
  }
}
