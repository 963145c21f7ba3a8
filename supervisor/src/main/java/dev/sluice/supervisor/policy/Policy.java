package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.Vector;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A policy as it was read: the first rule that matches a call decides it.
///
/// @param audited the keywords of the actions that must leave a record, such as `deny`
/// @param lossless whether a call waits until there is room for its record; else a record without
///   room is counted
/// @param shown what records show of the caller's memory beside paths, strings and addresses
/// @param dynamic calls that are always notified, so that a later version of the policy may decide
///   them
/// @param architectures the ABIs calls may be made in; those of any other fail with ENOSYS
public record Policy(
    String name,
    Location location,
    Action otherwise,
    Map<String, String> vars,
    List<Rule> rules,
    Set<String> audited,
    boolean lossless,
    Set<Vector> shown,
    Set<String> dynamic,
    Set<Arch> architectures,
    Optional<Deadline> deadline,
    boolean requireEmulated) {

  Policy withRules(List<Rule> others) {
    return new Policy(
        name,
        location,
        otherwise,
        vars,
        others,
        audited,
        lossless,
        shown,
        dynamic,
        architectures,
        deadline,
        requireEmulated);
  }

  /// Whether decisions with this action must leave a record.
  public AuditMode auditOf(Action action) {
    return audited.contains(action.keyword()) ? AuditMode.ALWAYS : AuditMode.WHEN_NOTIFIED;
  }
}
