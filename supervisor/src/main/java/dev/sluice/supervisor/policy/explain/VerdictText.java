package dev.sluice.supervisor.policy.explain;

import dev.sluice.supervisor.bpf.Disassembler;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.Emulation;
import dev.sluice.supervisor.policy.Limit;
import dev.sluice.supervisor.policy.Quoted;
import dev.sluice.supervisor.policy.Verdict;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Verdicts in the words of a policy, such as `deny EACCES`.
public final class VerdictText {
  private static final Pattern PLAIN = Pattern.compile("[\\w./-]+");

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
      case Verdict.Emulate(var emulation) -> of(decision.action(), emulation);
      case Verdict.Kill _ ->
          switch (decision.action()) {
            case "trap" -> "trap";
            case "trace" -> "trace " + data;
            default -> isKillThread(decision) ? "kill thread" : "kill process";
          };
      default -> decision.action();
    };
  }

  private static String of(String action, Emulation emulation) {
    var options = new TreeMap<>(emulation.options());
    String target = action.equals("redirect") ? options.remove("to") : null;
    return action
        + (action.equals("emulate") ? " " + emulation.name() : "")
        + (target == null ? "" : " " + Quoted.of(target))
        + emulation.content().map(content -> " " + content).orElse("")
        + (options.isEmpty() ? "" : " " + of(options));
  }

  /// Such as `(remember: path, timeout: 60s)`.
  private static String of(Map<String, String> options) {
    return options.entrySet().stream()
        .map(option -> option.getKey() + ": " + of(option.getValue()))
        .collect(Collectors.joining(", ", "(", ")"));
  }

  private static String of(String value) {
    return PLAIN.matcher(value).matches() ? value : Quoted.of(value);
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
