package dev.sluice.supervisor.policy.oci;

import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.policy.AuditMode;
import dev.sluice.supervisor.policy.CallPlan;
import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.Diagnostic;
import dev.sluice.supervisor.policy.PolicyException;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.policy.oci.CallRules.Body;
import dev.sluice.supervisor.target.IdentityChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Writes the kernel's tier of a policy as a profile of LXC (lxc.container.conf(5),
/// `lxc.seccomp.profile`, version 2): a list of what is allowed, notified or refused, and what is
/// done with all other calls. LXC has libseccomp make the filter of it.
public final class LxcWriter {
  /// Those that LXC 5.0.2 makes itself between installing the filter and serving its listener: it
  /// would wait for its own answer.
  private static final List<String> LXC_NEEDS = List.of("execve", "openat", "setgroups");

  private final CompiledPolicy policy;
  private final ProfileRules rules;
  private final List<Diagnostic> complaints = new ArrayList<>();

  private LxcWriter(CompiledPolicy policy, ProfileRules rules) {
    this.policy = policy;
    this.rules = rules;
  }

  /// A profile, and whether it has anything notified.
  public record Profile(String text, boolean notifies) {}

  /// @throws PolicyException with everything that a profile cannot say, and what would keep LXC
  ///   from starting a container
  public static Profile write(CompiledPolicy policy) throws PolicyException {
    return new LxcWriter(policy, ProfileRules.of(policy)).write();
  }

  private Profile write() throws PolicyException {
    var byCall = new TreeMap<String, Set<Body>>();
    rules.byCall().forEach((name, bodies) -> byCall.put(name, needed(name, bodies)));
    var text = new StringBuilder("2\nallowlist " + action(rules.defaultAction()) + "\n");
    byCall.forEach((name, bodies) -> bodies.forEach(body -> text.append(line(name, body))));
    if (!complaints.isEmpty()) {
      throw new PolicyException(complaints);
    }
    return new Profile(text.toString(), byCall.values().stream().anyMatch(LxcWriter::notifies));
  }

  private static boolean notifies(Set<Body> bodies) {
    return bodies.stream().anyMatch(body -> body.action() == Seccomp.RET_USER_NOTIF);
  }

  /// Without what is notified for the supervisor alone, so that it knows who a thread has become:
  /// of LXC's containers it looks at the caller of each call.
  private Set<Body> needed(String name, Set<Body> bodies) {
    Optional<CallPlan> plan = plan(name);
    if (!notifies(bodies) || plan.isEmpty()) {
      return bodies;
    }
    if (isForOurSakeAlone(plan.get())) {
      return Set.of(new Body(bodies.iterator().next().registers(), Seccomp.RET_ALLOW));
    }
    if (LXC_NEEDS.contains(name)) {
      Decision asking = asking(plan.get());
      complaints.add(
          Diagnostic.error(
              asking.location(),
              "a container of LXC whose profile notifies "
                  + name
                  + " never starts: LXC makes that call itself before it serves any; for LXC, the"
                  + " policy must leave it to the kernel"));
    }
    return bodies;
  }

  private Optional<CallPlan> plan(String name) {
    return policy.policy().architectures().stream()
        .filter(arch -> arch.number(name).isPresent())
        .findFirst()
        .map(arch -> policy.table().planOf(arch, arch.number(name).getAsInt()));
  }

  private boolean isForOurSakeAlone(CallPlan plan) {
    return plan.change() != IdentityChange.NONE
        && !policy.policy().dynamic().contains(plan.kind().name())
        && plan.steps().stream()
            .map(CallPlan.Step::decision)
            .allMatch(each ->
                each.verdict() instanceof Verdict.Continue && each.audit() == AuditMode.NEVER);
  }

  private static Decision asking(CallPlan plan) {
    return plan.steps().stream()
        .filter(step ->
            step.condition().readsMemory()
                || step.decision().kernelAction() == Seccomp.RET_USER_NOTIF)
        .findFirst()
        .orElse(plan.steps().getLast())
        .decision();
  }

  private String line(String name, Body body) {
    var line = new StringBuilder(name + " " + action(body.action()));
    for (int i = 0; i < body.registers().size(); i++) {
      Bits bits = body.registers().get(i);
      if (bits.mask() != 0) {
        line.append(
            " [%d,%s,%s,%s]"
                .formatted(
                    i,
                    Long.toUnsignedString(bits.value()),
                    Operator.MASKED_EQ,
                    Long.toUnsignedString(bits.mask())));
      }
    }
    return line.append('\n').toString();
  }

  private String action(int ret) {
    return switch (ScmpAction.of(ret)) {
      case ALLOW -> "allow";
      case ERRNO -> "errno " + (ret & Seccomp.RET_DATA);
      case TRAP -> "trap";
      case KILL, KILL_THREAD -> "kill";
      case NOTIFY -> "notify";
      case KILL_PROCESS, TRACE, LOG -> {
        complaints.add(
            Diagnostic.error(
                policy.policy().location(),
                "a profile of LXC has allow, errno, trap, kill (of the thread) and notify, and"
                    + " nothing for "
                    + ScmpAction.of(ret)));
        yield "kill";
      }
    };
  }
}
