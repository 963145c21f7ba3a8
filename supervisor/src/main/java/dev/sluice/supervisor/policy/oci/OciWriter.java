package dev.sluice.supervisor.policy.oci;

import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.Diagnostic;
import dev.sluice.supervisor.policy.PolicyException;
import dev.sluice.supervisor.policy.oci.CallRules.Body;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Writes the kernel's tier of a policy as an OCI seccomp profile: what the filter notifies becomes
/// `SCMP_ACT_NOTIFY`, and what libseccomp makes of it decides as the filter does.
public final class OciWriter {
  /// SPEC_ALLOW is what runtimes take if a profile names no flags.
  private static final List<String> FLAGS =
      List.of("SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV");

  /// A profile, and what its user should know.
  public record Profile(String json, List<Diagnostic> warnings) {}

  private final CompiledPolicy policy;
  private final ProfileRules rules;
  private final int defaultAction;
  private final boolean waitKillable;

  private OciWriter(CompiledPolicy policy, ProfileRules rules, boolean waitKillable) {
    this.policy = policy;
    this.rules = rules;
    this.waitKillable = waitKillable;
    this.defaultAction = rules.defaultAction();
  }

  /// @param waitKillable whether the runtime knows SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: one that
  ///   does not starts no container whose profile has it
  /// @throws PolicyException with everything that a profile cannot say, and what would keep every
  ///   container from starting
  public static Profile write(CompiledPolicy policy, boolean waitKillable) throws PolicyException {
    var rules = ProfileRules.of(policy);
    if (!waitKillable) {
      checkExecs(policy);
    }
    return new Profile(new OciWriter(policy, rules, waitKillable).json(), rules.warnings());
  }

  /// What a container executes first is executed under its filter.
  private static void checkExecs(CompiledPolicy policy) throws PolicyException {
    Optional<Decision> asking = policy.watching();
    if (asking.isPresent()) {
      throw new PolicyException(
          List.of(
              Diagnostic.error(
                  asking.get().location(),
                  "decides by path what is executed, for which the filter must be installed with"
                      + " WAIT_KILLABLE_RECV: no container would start; say which runtime does that"
                      + " (--runtime crun), or leave @exec out of 'on'")));
    }
  }

  private String json() {
    var names = new LinkedHashMap<Set<Body>, List<String>>();
    rules
        .byCall()
        .forEach((name, bodies) -> names.computeIfAbsent(bodies, _ -> new ArrayList<>()).add(name));
    var entries = new ArrayList<String>();
    names.forEach((bodies, calls) -> bodies.forEach(body -> entries.add(entry(calls, body))));
    return """
    {
      "defaultAction": "%s",%s
      "architectures": [%s],%s
      "syscalls": [%s]
    }
    """
        .formatted(
            action(defaultAction),
            data(defaultAction).map(data -> "\n  \"defaultErrnoRet\": " + data + ",").orElse(""),
            quoted(architectures()),
            waitKillable && policy.notifies() ? "\n  \"flags\": [" + quoted(FLAGS) + "]," : "",
            entries.isEmpty() ? "" : "\n" + String.join(",\n", entries) + "\n  ");
  }

  private List<String> architectures() {
    var words = new ArrayList<String>();
    for (ScmpArch word : ScmpArch.values()) {
      boolean named =
          word == ScmpArch.X32
              ? rules.hasX32()
              : word != ScmpArch.NATIVE
                  && word.arch().filter(policy.policy().architectures()::contains).isPresent();
      if (named) {
        words.add(word.toString());
      }
    }
    return words;
  }

  private static String entry(List<String> calls, Body body) {
    var arguments = new ArrayList<String>();
    for (int i = 0; i < body.registers().size(); i++) {
      if (body.registers().get(i).mask() != 0) {
        arguments.add(argument(i, body.registers().get(i)));
      }
    }
    return "    { \"names\": ["
        + quoted(calls)
        + "], \"action\": \""
        + action(body.action())
        + '"'
        + data(body.action()).map(data -> ", \"errnoRet\": " + data).orElse("")
        + (arguments.isEmpty() ? "" : ",\n      \"args\": [" + String.join(", ", arguments) + "]")
        + " }";
  }

  private static String argument(int index, Bits bits) {
    String value = Long.toUnsignedString(bits.value());
    return bits.mask() == -1
        ? "{ \"index\": %d, \"value\": %s, \"op\": \"%s\" }".formatted(index, value, Operator.EQ)
        : "{ \"index\": %d, \"value\": %s, \"valueTwo\": %s, \"op\": \"%s\" }"
            .formatted(index, Long.toUnsignedString(bits.mask()), value, Operator.MASKED_EQ);
  }

  private static ScmpAction action(int ret) {
    return ScmpAction.of(ret);
  }

  private static Optional<Integer> data(int ret) {
    return action(ret).carriesData() ? Optional.of(ret & Seccomp.RET_DATA) : Optional.empty();
  }

  private static String quoted(List<String> words) {
    return words.isEmpty() ? "" : '"' + String.join("\", \"", words) + '"';
  }
}
