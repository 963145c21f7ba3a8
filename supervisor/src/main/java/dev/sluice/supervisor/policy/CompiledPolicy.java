package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.bpf.Node;
import dev.sluice.supervisor.bpf.Program;
import dev.sluice.supervisor.syscall.Arch;
import java.util.List;
import java.util.Optional;

/// A policy ready for use: the tier of the kernel, and that of the supervisor.
public final class CompiledPolicy {
  /// What the exempt calls of a launcher take, and more.
  private static final int ROOM_FOR_EXEMPT = 64;

  private final Policy policy;
  private final DecisionTable table;
  private final Unlisted unlisted;
  private final boolean notifies;
  private final boolean tellsOfChanges;
  private final boolean forAll;
  private final List<Diagnostic> warnings;
  private final Program filter;
  private final Edition edition;

  /// Throws [IllegalArgumentException] if the filter is too large.
  CompiledPolicy(
      Policy policy,
      DecisionTable table,
      Unlisted unlisted,
      boolean notifies,
      boolean tellsOfChanges,
      boolean forAll,
      List<Diagnostic> warnings,
      Edition edition) {
    this.policy = policy;
    this.table = table;
    this.unlisted = unlisted;
    this.notifies = notifies;
    this.tellsOfChanges = tellsOfChanges;
    this.forAll = forAll;
    this.warnings = List.copyOf(warnings);
    this.edition = edition;
    this.filter = filter(List.of());
    if (filter.size() > Program.MAX_INSTRUCTIONS - ROOM_FOR_EXEMPT) {
      throw new IllegalArgumentException(
          "%d instructions; the kernel takes 1 to %d, and to start a command takes %d of them"
              .formatted(filter.size(), Program.MAX_INSTRUCTIONS, ROOM_FOR_EXEMPT));
    }
  }

  public Policy policy() {
    return policy;
  }

  /// What records say of it.
  public Edition edition() {
    return edition;
  }

  public DecisionTable table() {
    return table;
  }

  /// What the filter answers to calls that are not in the table.
  public Unlisted unlisted() {
    return unlisted;
  }

  /// What a profile does with calls that are newer than our tables: a `SECCOMP_RET_` value, never
  /// RET_USER_NOTIF.
  public int unlistedInProfile() {
    return DefaultDecision.ofNewerUnasked(policy, unlisted.number());
  }

  /// What becomes of a call that the table has no plan for, should it be notified.
  public Decision unlisted(Arch arch, int nr) {
    return DefaultDecision.of(policy, unlisted, arch, nr);
  }

  public Program filter() {
    return filter;
  }

  /// The filter, but for some calls that pass whatever the rules say.
  public Program filter(List<ExactCall> exempt) {
    return FilterCompiler.compile(table, policy.architectures(), unlisted, exempt);
  }

  /// Whether where a path leads decides anything.
  public boolean decidesByPaths() {
    return table.decidesByPaths();
  }

  /// Whether the paths of programs decide anything, or may in a later version.
  boolean mayDecideByPrograms() {
    return !policy.dynamic().isEmpty() || table.decidesByPrograms();
  }

  /// Whether addresses of sockets decide anything.
  public boolean decidesByAddresses() {
    return table.decidesByAddresses();
  }

  /// How the filter decides the calls of a plan.
  public Node filterOf(CallPlan plan) {
    return FilterCompiler.graph(table, unlisted, plan);
  }

  /// Whether the filter ever asks the supervisor.
  public boolean notifies() {
    return notifies;
  }

  /// Whether the filter notifies, or refuses, every call that changes who its caller is: else what
  /// is known of a thread may be wrong with its next call. One that is made of a profile notifies
  /// what the profile says and no more.
  public boolean tellsOfChanges() {
    return tellsOfChanges;
  }

  /// Whether it is the same for every container, and nothing that one does shows in another: then
  /// it need not be compiled for each.
  public boolean isForAll() {
    return forAll;
  }

  /// Whether calls are watched while the kernel executes them, which takes ptrace(2).
  public boolean watches() {
    return table.watches();
  }

  /// The first decision that rests on that, and would be a refusal if it could not be done.
  public Optional<Decision> watching() {
    return table.watching();
  }

  /// What the policy's author should know.
  public List<Diagnostic> warnings() {
    return warnings;
  }
}
