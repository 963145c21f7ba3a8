package dev.sluice.agent.explain;

import dev.sluice.supervisor.bpf.Disassembler;
import dev.sluice.supervisor.policy.SafetyClass;
import dev.sluice.supervisor.policy.explain.Explanation;

/// An explanation, for people to read.
final class ExplanationText {
  private ExplanationText() {}

  static String of(Explanation explanation) {
    var text = new StringBuilder();
    int instructions = explanation.filter().executed();
    text.append(explanation.call()).append('\n');
    line(text, "verdict", explanation.verdict());
    explanation
        .decision()
        .ifPresent(
            decision -> line(text, "rule", decision.rule() + " (" + decision.location() + ")"));
    line(
        text,
        "tier",
        explanation.tier()
            + ": the filter returns "
            + Disassembler.action(explanation.filter().action())
            + " after "
            + instructions
            + " instruction"
            + (instructions == 1 ? "" : "s"));
    line(text, "class", explanation.safety() + ": " + meaning(explanation.safety()));
    explanation.because().forEach(reason -> text.append("  ").append(reason).append('\n'));
    return text.toString();
  }

  private static void line(StringBuilder text, String name, String value) {
    text.append("  ").append(name).append(": ").append(value).append('\n');
  }

  private static String meaning(SafetyClass safety) {
    return switch (safety) {
      case KERNEL -> "decided by the filter";
      case REGISTERS -> "decided by what nobody can change while the call waits";
      case EMULATED -> "done, or refused, on copies and on objects that are held";
      case VERIFIED -> "what the kernel executes is looked at before its first instruction";
      case FLOORED -> "nothing the call could become is worth denying";
      case RACY -> "what was looked at may be another when the kernel looks again";
    };
  }
}
