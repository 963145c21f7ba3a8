package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.policy.oci.CompiledProfile;
import dev.sluice.supervisor.policy.oci.Host;
import dev.sluice.supervisor.policy.oci.ProfileCompiler;
import dev.sluice.supervisor.policy.yaml.YamlText;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.CallKind;
import dev.sluice.supervisor.target.IdentityChange;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Makes a policy ready for use, or says everything that is wrong with it.
public final class PolicyCompiler {
  /// The name in a [Decision] that no rule made, but the policy's `default`.
  public static final String DEFAULT = "default";

  /// The same for what closes a way around the policy.
  public static final String GUARD = "guard";

  private static final Pattern OBJECT = Pattern.compile("\\s*\\{");
  private static final Pattern POLICY = Pattern.compile("\\s*\\{\\s*\"?sluice\"?\\s*:");

  private final Emulations emulations;
  private final Map<String, String> environment;
  private final List<Diagnostic> diagnostics = new ArrayList<>();
  private Optional<Container> container = Optional.of(Container.NONE);
  private Optional<CompiledPolicy> installed = Optional.empty();
  private String source = "";
  private int epoch;

  /// @param environment what `${NAME}` stands for; `HOME` is what `~` stands for
  public PolicyCompiler(Emulations emulations, Map<String, String> environment) {
    this.emulations = emulations;
    this.environment = environment;
  }

  /// Compiles for targets in a container.
  public PolicyCompiler in(Container theirs) {
    container = Optional.of(theirs);
    return this;
  }

  /// Compiles what is to be a filter in whatever container: what is asked of that is for the
  /// supervisor to decide, once it knows it.
  public PolicyCompiler inAnyContainer() {
    container = Optional.empty();
    return this;
  }

  /// Compiles what is to decide in the place of a policy whose filter is installed, and refuses
  /// what that filter cannot express.
  public PolicyCompiler replacing(CompiledPolicy policy) {
    installed = Optional.of(policy);
    return this;
  }

  /// Compiles what is the supervisor's `number`th policy, from 1.
  public PolicyCompiler epoch(int number) {
    epoch = number;
    return this;
  }

  /// Reads and compiles the policy in `file`, which may be an OCI seccomp profile.
  ///
  /// @throws PolicyException with every error that was found
  public CompiledPolicy compile(Path file) throws PolicyException {
    return compile(file.toString(), read(file));
  }

  /// The text of a policy's file.
  public static String read(Path file) throws PolicyException {
    var diagnostics = new ArrayList<Diagnostic>();
    return YamlText.read(file, diagnostics).orElseThrow(() -> new PolicyException(diagnostics));
  }

  /// The same, unless the text is known.
  public static String read(Path file, Optional<String> source) throws PolicyException {
    return source.isPresent() ? source.get() : read(file);
  }

  /// Compiles an OCI seccomp profile, in any of its dialects.
  ///
  /// @param host what its `includes` and `excludes` speak of
  public static CompiledPolicy compileProfile(
      String name, String text, Emulations emulations, Host host) throws PolicyException {
    return new PolicyCompiler(emulations, Map.of()).profile(name, text, host);
  }

  /// Whether the filter that a runtime of this machine makes of a profile is one of
  /// [CompiledPolicy#tellsOfChanges]; not if something is wrong with the profile.
  public static boolean profileTellsOfChanges(String name, String text) {
    return ProfileCompiler.compile(
            name, text, Host.here(), PolicyCompiler::changesIdentity, new ArrayList<>())
        .filter(compiled -> compiled.plans().stream().allMatch(PolicyCompiler::tellsOfChange))
        .isPresent();
  }

  /// The same for a policy that is not in a file; `name` stands for it in diagnostics.
  public CompiledPolicy compile(String name, String text) throws PolicyException {
    source = text;
    return isProfile(name, text)
        ? profile(name, text, Host.here())
        : compile(PolicyReader.read(name, text, environment, diagnostics));
  }

  /// A JSON object is a profile, unless it is a policy of ours, all of whose forms are YAML.
  private static boolean isProfile(String name, String text) {
    return !POLICY.matcher(text).lookingAt()
        && (name.endsWith(".json") || OBJECT.matcher(text).lookingAt());
  }

  private CompiledPolicy profile(String name, String text, Host host) throws PolicyException {
    Optional<CompiledProfile> compiled = ProfileCompiler.compile(name, text, host, diagnostics);
    if (compiled.isEmpty()) {
      return refuse();
    }
    List<CallPlan> plans =
        compiled.get().plans().stream().map(PolicyCompiler::withIdentityChange).toList();
    boolean notifies = plans.stream().anyMatch(PolicyCompiler::notifies);
    var table = new DecisionTable(plans);
    return assemble(
        compiled.get().policy(),
        table,
        compiled.get().unlisted(),
        notifies,
        plans.stream().allMatch(PolicyCompiler::tellsOfChange),
        true);
  }

  private static boolean tellsOfChange(CallPlan plan) {
    return !changesIdentity(plan.kind().name())
        || plan.steps().stream()
            .mapToInt(step -> step.decision().kernelAction())
            .allMatch(PolicyCompiler::notifiesOrRefuses);
  }

  private static boolean changesIdentity(String call) {
    return Guards.changeBy(call) != IdentityChange.NONE;
  }

  private static boolean notifiesOrRefuses(int kernelAction) {
    return switch (kernelAction & Seccomp.RET_ACTION) {
      case Seccomp.RET_ALLOW, Seccomp.RET_LOG, Seccomp.RET_TRACE -> false;
      default -> true;
    };
  }

  private static boolean notifies(CallPlan plan) {
    return plan.steps().stream()
        .anyMatch(step -> step.decision().kernelAction() == Seccomp.RET_USER_NOTIF);
  }

  /// What the supervisor sees of a call it has to draw its conclusions from.
  private static CallPlan withIdentityChange(CallPlan plan) {
    return notifies(plan)
        ? new CallPlan(
            plan.kind(),
            plan.steps(),
            plan.performer(),
            plan.alwaysPerformed(),
            Guards.changeBy(plan.kind().name()))
        : plan;
  }

  private CompiledPolicy refuse() throws PolicyException {
    throw new PolicyException(diagnostics);
  }

  private CompiledPolicy compile(Optional<Policy> read) throws PolicyException {
    if (read.isEmpty()) {
      return refuse();
    }
    Policy policy = ImpliedCalls.narrow(read.get(), emulations);
    var rules = new CompiledRules(policy, emulations, environment, container, diagnostics);
    FamilyCheck.check(policy, rules, diagnostics);
    checkListing(policy, rules);
    throwErrors();
    // what is installed needs the guards that it has, and no more
    boolean notifies =
        rules.needListener()
            || !policy.dynamic().isEmpty()
            || installed.map(CompiledPolicy::notifies).orElse(false);
    checkDeadline(policy, notifies);
    var table = new DecisionTable(plans(policy, rules, notifies));
    throwErrors();
    return assemble(policy, table, unlisted(policy, notifies), notifies, true, rules.areForAll());
  }

  /// What a directory has in it is told to 32-bit callers in other ways than to us.
  private void checkListing(Policy policy, CompiledRules rules) {
    rules
        .hiding()
        .filter(_ -> policy.architectures().stream().anyMatch(arch -> !arch.is64Bit()))
        .ifPresent(rule ->
            diagnostics.add(
                Diagnostic.error(
                    rule.location(),
                    "sluice cannot list directories for i386, so that names could not be hidden;"
                        + " leave it out of 'architectures'")));
  }

  private void checkDeadline(Policy policy, boolean notifies) {
    if (!notifies) {
      policy
          .deadline()
          .ifPresent(deadline ->
              diagnostics.add(
                  Diagnostic.error(
                      deadline.location(),
                      "the kernel decides every call of this policy, so that 'deadline' would do"
                          + " nothing")));
    }
  }

  private Map<Arch, @Nullable CallPlan[]> plans(
      Policy policy, CompiledRules rules, boolean notifies) {
    // a guard that is in the installed filter stays there
    boolean byPaths =
        rules.decideByPaths() || installed.map(CompiledPolicy::decidesByPaths).orElse(false);
    boolean byAddresses =
        rules.decideByAddresses()
            || installed.map(CompiledPolicy::decidesByAddresses).orElse(false);
    boolean byPrograms =
        rules.mayDecideByPrograms()
            || installed.map(CompiledPolicy::mayDecideByPrograms).orElse(false);
    var compiler =
        new PlanCompiler(
            policy, rules, emulations, notifies, byPaths, byAddresses, byPrograms, diagnostics);
    var plans = new EnumMap<Arch, @Nullable CallPlan[]>(Arch.class);
    for (Arch arch : policy.architectures()) {
      var ofArch = new @Nullable CallPlan[arch.limit()];
      for (int nr : arch.numbers().values()) {
        ofArch[nr] = compiler.plan(CallKind.of(arch, nr));
      }
      plans.put(arch, ofArch);
    }
    return plans;
  }

  private static Unlisted unlisted(Policy policy, boolean notifies) {
    int enosys = Seccomp.RET_ERRNO | Errno.ENOSYS.number();
    return new Unlisted(DefaultDecision.ofNewer(policy, notifies), enosys, enosys, enosys);
  }

  private CompiledPolicy assemble(
      Policy policy,
      DecisionTable table,
      Unlisted unlisted,
      boolean notifies,
      boolean tellsOfChanges,
      boolean forAll)
      throws PolicyException {
    CompiledPolicy compiled;
    try {
      compiled =
          new CompiledPolicy(
              policy,
              table,
              unlisted,
              notifies,
              tellsOfChanges,
              forAll,
              diagnostics,
              edition(policy));
    } catch (IllegalArgumentException tooLarge) {
      diagnostics.add(
          new FilterSize(policy, table, unlisted).complaint(String.valueOf(tooLarge.getMessage())));
      return refuse();
    }
    installed.ifPresent(before -> Replacement.check(before, compiled, diagnostics));
    throwErrors();
    return compiled;
  }

  private Edition edition(Policy policy) {
    return new Edition(policy.name(), source, epoch, policy.lossless(), policy.shown());
  }

  private void throwErrors() throws PolicyException {
    if (diagnostics.stream().anyMatch(Diagnostic::isError)) {
      refuse();
    }
  }
}
