package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.bpf.SeccompData;
import dev.sluice.supervisor.bpf.Simulator;
import dev.sluice.supervisor.handler.Asker;
import dev.sluice.supervisor.handler.Handlers;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.Call;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Policies of tests, compiled with the handlers that are built in.
public final class Policies {
  private static final Map<String, String> ENVIRONMENT = Map.of("HOME", "/home/me", "PWD", "/src");

  private static final String FILE = "p.yaml";

  private Policies() {}

  /// A policy that must be right.
  public static CompiledPolicy compile(String text) {
    try {
      return compiler().compile(FILE, text);
    } catch (PolicyException e) {
      throw new AssertionError(e);
    }
  }

  /// The text of one whose rule is one line, the fourth, and begins in column 3.
  static String withRule(String rule) {
    return "sluice: v1\nname: p\nrules:\n- " + rule + "\n";
  }

  /// Everything that is said about a policy that is wrong.
  public static List<String> complaintsAbout(String text) {
    return complaints(compiler(), text);
  }

  /// The same, where variables of the environment have other values.
  static List<String> complaintsAbout(String text, Map<String, String> environment) {
    return complaints(new PolicyCompiler(handlers(), environment), text);
  }

  /// The same, if it is to take the place of another.
  static List<String> complaintsAboutReplacing(CompiledPolicy installed, String text) {
    return complaints(compiler().replacing(installed), text);
  }

  private static List<String> complaints(PolicyCompiler compiler, String text) {
    try {
      compiler.compile(FILE, text);
      return List.of();
    } catch (PolicyException e) {
      return e.diagnostics().stream().map(Diagnostic::toString).toList();
    }
  }

  private static PolicyCompiler compiler() {
    return new PolicyCompiler(handlers(), ENVIRONMENT);
  }

  private static Handlers handlers() {
    return Handlers.load(List.of(), Optional.empty(), Asker.NOBODY);
  }

  /// What the filter answers to a call, a `SECCOMP_RET_` value.
  static int answer(CompiledPolicy policy, Arch arch, String call, long... args) {
    return answer(policy, arch, arch.number(call).orElseThrow(), args);
  }

  static int answer(CompiledPolicy policy, Arch arch, int nr, long... args) {
    return Simulator.run(policy.filter(), SeccompData.of(nr, arch.audit(), args)).action();
  }

  /// What the supervisor decides, were it asked.
  public static Decision decide(CompiledPolicy policy, Call call) {
    var plan = policy.table().planOf(call.arch(), call.kind().nr());
    return Objects.requireNonNull(plan, call.name()).decide(call);
  }
}
