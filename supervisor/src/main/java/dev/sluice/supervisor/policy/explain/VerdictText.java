package dev.sluice.supervisor.policy.explain;

import dev.sluice.supervisor.bpf.Disassembler;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.Limit;
import dev.sluice.supervisor.policy.Verdict;

/// Verdicts in the words of a policy, such as `deny EACCES`.
public final class VerdictText {
  private VerdictText() {}

  public static String of(Decision decision) {
    return withoutLimit(decision)
        + decision.limit().map(limited -> " (" + of(limited.limit()) + ")").orElse("");
  }

  private static String of(Limit limit) {
    return "at most "
        + limit.rate()
        + ", "
        + limit.burst()
        + " at once, then "
        + Errno.nameOf(limit.otherwise());
  }

  private static String withoutLimit(Decision decision) {
    int data = decision.kernelAction() & Seccomp.RET_DATA;
    return switch (decision.verdict()) {
      case Verdict.Fail(int errno) -> "deny " + Errno.nameOf(errno);
      case Verdict.Return(long value) -> "return " + value;
      case Verdict.Emulate(var emulation) ->
          decision.action().equals("emulate")
              ? "emulate " + emulation.name()
              : decision.action() + emulation.content().map(content -> " " + content).orElse("");
      case Verdict.Kill _ ->
          switch (decision.action()) {
            case "trap" -> "trap";
            case "trace" -> "trace " + data;
            default -> isKillThread(decision) ? "kill thread" : "kill process";
          };
      default -> decision.action();
    };
  }

  private static boolean isKillThread(Decision decision) {
    return decision.kernelAction() == Seccomp.RET_KILL_THREAD;
  }

  /// What a filter returns for what no rule is asked about.
  public static String of(int kernelAction) {
    if ((kernelAction & Seccomp.RET_ACTION) == Seccomp.RET_ERRNO) {
      int errno = kernelAction & Seccomp.RET_DATA;
      return errno == 0 ? "return 0" : "deny " + Errno.nameOf(errno);
    }
    return Disassembler.action(kernelAction);
  }
}
