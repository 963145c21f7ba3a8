package dev.sluice.supervisor.policy.oci;

import dev.sluice.supervisor.bpf.Node;
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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// The kernel's tier of a policy, as rules of a profile that libseccomp makes the same filter of.
final class ProfileRules {
  private final CompiledPolicy policy;
  private final Location location;
  private final int defaultAction;
  private final List<Diagnostic> diagnostics = new ArrayList<>();
  private final Set<String> whole = new HashSet<>();

  /// What is decided of each call, the same on all architectures.
  private final Map<String, Set<Body>> rules = new TreeMap<>();

  private ProfileRules(CompiledPolicy policy) {
    this.policy = policy;
    this.location = policy.policy().location();
    this.defaultAction = policy.unlistedInProfile();
  }

  /// @throws PolicyException with everything that a profile cannot say
  static ProfileRules of(CompiledPolicy policy) throws PolicyException {
    var rules = new ProfileRules(policy);
    rules.collect();
    if (rules.diagnostics.stream().anyMatch(Diagnostic::isError)) {
      throw new PolicyException(rules.diagnostics);
    }
    return rules;
  }

  /// What is done with calls that no rule is about: a `SECCOMP_RET_` value.
  int defaultAction() {
    return defaultAction;
  }

  /// By the names of calls.
  Map<String, Set<Body>> byCall() {
    return rules;
  }

  List<Diagnostic> warnings() {
    return List.copyOf(diagnostics);
  }

  boolean hasX32() {
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
      add(name, wide, plan == null ? Set.of() : bodies(name, policy.filterOf(plan)));
    });
  }

  /// What would be too many rules, the supervisor decides as well as they would, if it is there.
  private Set<Body> bodies(String name, Node filter) {
    try {
      return CallRules.of(filter, defaultAction);
    } catch (CallRules.TooMany e) {
      if (!policy.notifies() || !CallRules.isForSupervisor(filter)) {
        error("what decides " + name + " would be too many rules of a profile");
        return Set.of();
      }
      if (whole.add(name)) {
        diagnostics.add(
            Diagnostic.warning(
                location,
                name
                    + " is notified whatever its arguments are: what decides it would be too many"
                    + " rules of a profile"));
      }
      return Set.of(Body.of(Seccomp.RET_USER_NOTIF));
    }
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
}
