package dev.sluice.supervisor.policy.oci;

import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.policy.CallPlan;
import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.Diagnostic;
import dev.sluice.supervisor.policy.Location;
import dev.sluice.supervisor.policy.PolicyException;
import dev.sluice.supervisor.policy.oci.CallRules.Body;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.syscall.X32;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Writes the kernel's tier of a policy as an OCI seccomp profile: what the filter notifies becomes
/// `SCMP_ACT_NOTIFY`, and what libseccomp makes of it decides as the filter does.
public final class OciWriter {
  /// A profile, and what its user should know.
  public record Profile(String json, List<Diagnostic> warnings) {}

  private final CompiledPolicy policy;
  private final Location location;
  private final int defaultAction;
  private final List<Diagnostic> diagnostics = new ArrayList<>();

  /// What is decided of each call, the same on all architectures.
  private final Map<String, Set<Body>> rules = new TreeMap<>();

  private OciWriter(CompiledPolicy policy) {
    this.policy = policy;
    this.location = policy.policy().location();
    this.defaultAction = policy.unlisted().number();
  }

  /// @throws PolicyException with everything that a profile cannot say
  public static Profile write(CompiledPolicy policy) throws PolicyException {
    var writer = new OciWriter(policy);
    writer.collect();
    if (writer.diagnostics.stream().anyMatch(Diagnostic::isError)) {
      throw new PolicyException(writer.diagnostics);
    }
    return new Profile(writer.json(), List.copyOf(writer.diagnostics));
  }

  private boolean hasX32() {
    return X32.numbers().values().stream()
        .anyMatch(nr -> policy.table().planOf(Arch.X86_64, nr) != null);
  }

  private void collect() {
    // those with wide registers first: the others see a part of them
    for (Arch arch : Arch.values()) {
      if (policy.policy().architectures().contains(arch)) {
        collect(arch, arch.numbers(), arch.is64Bit());
      }
    }
    if (hasX32()) {
      collect(Arch.X86_64, X32.numbers(), false);
    }
    if (policy.policy().architectures().contains(Arch.I386)) {
      checkMultiplexed();
    }
    if (policy.unlisted().architecture() != ScmpAction.KILL.ret()) {
      diagnostics.add(
          Diagnostic.warning(
              location,
              "calls of architectures that are not in the profile kill the thread; the policy lets"
                  + " them fail"));
    }
  }

  private void collect(Arch arch, Map<String, Integer> numbers, boolean wide) {
    numbers.forEach((name, nr) -> {
      CallPlan plan = policy.table().planOf(arch, nr);
      try {
        Set<Body> bodies =
            plan == null ? Set.of() : CallRules.of(policy.filterOf(plan), defaultAction);
        add(name, wide, bodies);
      } catch (CallRules.TooMany e) {
        error("what decides " + name + " would be too many rules of a profile");
      }
    });
  }

  private void add(String name, boolean wide, Set<Body> bodies) {
    Set<Body> before = rules.putIfAbsent(name, bodies);
    if (before != null && !(wide ? before : low(before)).equals(wide ? bodies : low(bodies))) {
      error(name + " is not decided alike on all architectures, which a profile cannot say");
    }
  }

  private static Set<Body> low(Set<Body> bodies) {
    var low = new HashSet<Body>();
    bodies.forEach(body -> low.add(body.low()));
    return low;
  }

  private void checkMultiplexed() {
    for (String name : MultiplexedCalls.names()) {
      String through = MultiplexedCalls.way(name).orElseThrow().through();
      Set<Body> bodies = rules.getOrDefault(name, Set.of());
      if (!bodies.isEmpty() && !bodies.equals(rules.getOrDefault(through, Set.of()))) {
        error(
            name
                + " is not decided like "
                + through
                + ", by which i386 programs make it as well; a rule of a profile is about both");
      }
    }
  }

  private void error(String message) {
    diagnostics.add(Diagnostic.error(location, message));
  }

  private String json() {
    var names = new LinkedHashMap<Set<Body>, List<String>>();
    rules.forEach(
        (name, bodies) -> names.computeIfAbsent(bodies, _ -> new ArrayList<>()).add(name));
    var entries = new ArrayList<String>();
    names.forEach((bodies, calls) -> bodies.forEach(body -> entries.add(entry(calls, body))));
    return """
    {
      "defaultAction": "%s",%s
      "architectures": [%s],
      "syscalls": [%s]
    }
    """
        .formatted(
            action(defaultAction),
            data(defaultAction).map(data -> "\n  \"defaultErrnoRet\": " + data + ",").orElse(""),
            quoted(architectures()),
            entries.isEmpty() ? "" : "\n" + String.join(",\n", entries) + "\n  ");
  }

  private List<String> architectures() {
    var words = new ArrayList<String>();
    for (ScmpArch word : ScmpArch.values()) {
      boolean named =
          word == ScmpArch.X32
              ? hasX32()
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
    for (ScmpAction action : ScmpAction.values()) {
      // the first of two names for one action is the older
      if (action.ret() == (ret & Seccomp.RET_ACTION)) {
        return action;
      }
    }
    throw new IllegalStateException("no action: 0x" + Integer.toHexString(ret));
  }

  private static Optional<Integer> data(int ret) {
    return action(ret).carriesData() ? Optional.of(ret & Seccomp.RET_DATA) : Optional.empty();
  }

  private static String quoted(List<String> words) {
    return words.isEmpty() ? "" : '"' + String.join("\", \"", words) + '"';
  }
}
