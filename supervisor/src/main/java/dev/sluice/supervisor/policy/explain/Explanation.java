package dev.sluice.supervisor.policy.explain;

import dev.sluice.supervisor.bpf.Simulator;
import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.SafetyClass;
import dev.sluice.supervisor.policy.Verdict;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What becomes of a described call, and why.
///
/// @param verdict in the words of a policy, such as `deny EACCES`
/// @param decision what decided; empty if the call fails before anything is asked
/// @param filter what the filter answers
/// @param because one line for each rule that was passed over, then for the one that decided
public record Explanation(
    DescribedCall call,
    String verdict,
    Optional<Decision> decision,
    Tier tier,
    SafetyClass safety,
    Simulator.Outcome filter,
    List<String> because) {

  /// Who decides.
  public enum Tier {
    KERNEL,
    SUPERVISOR;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Explanation {
    because = List.copyOf(because);
  }

  /// What the file that is served holds for the caller; empty if none is.
  ///
  /// @throws UndescribedException if that depends on what was not said of the caller
  public Optional<byte[]> content() {
    return decision
        .map(Decision::verdict)
        .flatMap(verdict ->
            verdict instanceof Verdict.Emulate(var emulation)
                ? emulation.content()
                : Optional.empty())
        .map(template -> template.bytesFor(call.task()));
  }

  /// The rate at which such calls may be made, such as `10/s`; `none` if there is no limit.
  public String limit() {
    return decision.flatMap(Decision::limit).map(limited -> limited.limit().rate()).orElse("none");
  }

  /// The name of what decided: of a rule, `guard` or `default`; empty if nothing was asked.
  public String rule() {
    return decision.map(Decision::rule).orElse("");
  }
}
