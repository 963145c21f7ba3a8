package dev.sluice.supervisor.policy.oci;

import dev.sluice.supervisor.policy.Location;
import java.util.List;

/// One entry of `syscalls` that is in force here.
///
/// @param index its place in the profile, from 0
/// @param action a `SECCOMP_RET_` value with its data
/// @param arguments all of which must hold
record ProfileRule(
    int index, Location location, List<Name> names, int action, List<Argument> arguments) {

  /// A system call as it stands there.
  record Name(String text, Location location) {}

  /// What it is called in records and messages.
  String name() {
    return "syscalls[" + index + "]";
  }

  /// The conjunctions that make up its condition, either of which is enough: runtimes take a rule
  /// that speaks of one register twice apart, into a rule for each of its arguments.
  List<List<Argument>> alternatives() {
    boolean twice = arguments.stream().map(Argument::index).distinct().count() < arguments.size();
    return twice ? arguments.stream().map(List::of).toList() : List.of(arguments);
  }
}
