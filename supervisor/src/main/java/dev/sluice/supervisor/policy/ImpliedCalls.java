package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.syscall.Groups;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/// The calls that an action about files is for, if its rule names none.
public final class ImpliedCalls {
  private static final List<String> ACCESS = List.of("access", "faccessat", "faccessat2");

  private ImpliedCalls() {}

  /// None if a rule with this action has to name them.
  public static SortedSet<String> of(Action action) {
    return switch (action.keyword()) {
      case "redirect" -> calls(List.of("@open", "@stat"));
      case "serve" -> calls(List.of("@open", "@stat", "@modify", "@exec"));
      case "read-only" -> {
        var calls = calls(List.of("@open", "@modify"));
        calls.addAll(ACCESS);
        yield calls;
      }
      case "hide" -> {
        var calls = calls(List.of("@open", "@stat", "@modify", "@exec", "@chdir"));
        calls.addAll(List.of("inotify_add_watch", "fanotify_mark", "name_to_handle_at"));
        yield calls;
      }
      default -> new TreeSet<>();
    };
  }

  /// The policy with such rules narrowed to what can be performed: a call that was looked at, and
  /// that they do not decide, has to be.
  static Policy narrow(Policy policy, Emulations emulations) {
    return policy.withRules(
        policy.rules().stream()
            .map(rule -> rule.implied() ? narrow(rule, emulations) : rule)
            .toList());
  }

  private static Rule narrow(Rule rule, Emulations emulations) {
    var performed = new TreeSet<>(rule.calls());
    boolean hides = rule.action() instanceof Action.Hide;
    performed.removeIf(
        call -> emulations.performerOf(call).isEmpty() && !(hides && Hiding.isEnoughFor(call)));
    return rule.withCalls(performed);
  }

  /// Complains about calls that a rule names, and that its action is not for.
  static void check(Rule rule, List<Diagnostic> diagnostics) {
    Action action = rule.action();
    if (!(action instanceof Action.Hide) && !(action instanceof Action.Serve)) {
      return; // handlers know themselves
    }
    var others = new TreeSet<>(rule.calls());
    others.removeAll(of(action));
    if (!others.isEmpty()) {
      diagnostics.add(
          Diagnostic.error(
              rule.location(),
              "'%s' is for calls that name a file, not for %s; leave out 'on' for all of them"
                  .formatted(action.keyword(), String.join(", ", others))));
    }
  }

  private static SortedSet<String> calls(List<String> groups) {
    var calls = new TreeSet<String>();
    groups.forEach(group -> calls.addAll(Groups.members(group).orElseThrow()));
    return calls;
  }
}
