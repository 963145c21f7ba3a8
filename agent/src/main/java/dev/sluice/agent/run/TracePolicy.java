package dev.sluice.agent.run;

import dev.sluice.supervisor.syscall.Groups;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// A policy that allows everything, and leaves a record of some calls. Those by paths are
/// performed, so that where they led and what became of them is on record; the kernel executes the
/// others.
final class TracePolicy {
  static final String NAME = "trace";

  /// What a supervisor closes unless a policy names it. To be looked at must not change anything.
  private static final List<String> GUARDED =
      List.of(
          "io_uring_setup",
          "io_uring_enter",
          "io_uring_register",
          "open_by_handle_at",
          "userfaultfd",
          "ioctl",
          "mount",
          "pivot_root",
          "fsopen",
          "fspick",
          "open_tree",
          "open_tree_attr",
          "move_mount");

  private TracePolicy() {}

  /// @param calls those that are to be recorded, of the machine's own ABI
  /// @param shown what records show beside: words of `audit: { arguments: … }`
  static String of(Set<String> calls, List<String> shown) {
    var performed = new TreeSet<>(calls);
    var byPath = new TreeSet<String>();
    for (String group : List.of("@open", "@stat", "@modify")) {
      byPath.addAll(Groups.members(group).orElseThrow());
    }
    performed.retainAll(byPath);
    var observed = new TreeSet<>(calls);
    observed.removeAll(performed);
    var untouched = new TreeSet<>(GUARDED);
    untouched.removeAll(calls);
    return "sluice: v1\nname: "
        + NAME
        + "\naudit: { arguments: "
        + shown
        + " }\nrules:\n"
        + rule("performed", performed, "exact")
        + rule("observed", observed, "always")
        + rule("untouched", untouched, "never");
  }

  private static String rule(String name, Set<String> calls, String audit) {
    return calls.isEmpty()
        ? ""
        : "  - { name: " + name + ", on: " + calls + ", allow: , audit: " + audit + " }\n";
  }
}
