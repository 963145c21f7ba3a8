package dev.sluice.agent.options;

import dev.sluice.agent.terminal.UsageException;
import dev.sluice.supervisor.policy.Suggestion;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.syscall.Groups;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Calls, given by name or in groups.
public final class CallSet {
  private CallSet() {}

  /// Those of the machine's own ABI; `all` is every one.
  public static Set<String> of(String option, List<String> words) {
    Set<String> known = Arch.host().numbers().keySet();
    var calls = new TreeSet<String>();
    for (String word : words) {
      if (word.equals("all")) {
        calls.addAll(known);
      } else if (known.contains(word)) {
        calls.add(word);
      } else {
        calls.addAll(Groups.members(word).orElseThrow(() -> unknown(option, word, known)));
      }
    }
    calls.retainAll(known);
    return calls;
  }

  private static UsageException unknown(String option, String word, Set<String> known) {
    var names = new TreeSet<>(known);
    names.addAll(Groups.names());
    return new UsageException(
        option
            + ": there is no call or group '"
            + word
            + "'"
            + Suggestion.closest(word, names)
                .map(best -> ", did you mean '" + best + "'?")
                .orElse(""));
  }
}
