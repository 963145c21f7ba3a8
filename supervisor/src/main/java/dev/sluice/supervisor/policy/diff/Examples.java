package dev.sluice.supervisor.policy.diff;

import dev.sluice.supervisor.policy.CallPlan;
import dev.sluice.supervisor.policy.explain.CallReader;
import dev.sluice.supervisor.policy.explain.DescribedCall;
import dev.sluice.supervisor.policy.explain.DescribedTask;
import dev.sluice.supervisor.target.CallKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Made-up calls that lie on either side of everything that the conditions of two plans compare
/// with.
final class Examples {
  private static final int MAX_ALL = 600;
  private static final int MAX_RANDOM = 500;
  private static final String TASK = "task.";

  private Examples() {}

  static List<DescribedCall> of(
      CallKind kind, @Nullable CallPlan first, @Nullable CallPlan second) {
    var values = new ExampleValues(kind);
    for (CallPlan plan : new @Nullable CallPlan[] {first, second}) {
      if (plan != null) {
        plan.steps().forEach(step -> values.add(step.condition()));
      }
    }
    var calls = new ArrayList<DescribedCall>();
    for (Map<String, String> choice : choices(values.byName())) {
      try {
        calls.add(describe(kind, choice));
      } catch (IllegalArgumentException e) {
        // beyond what the parameter can be
      }
    }
    return calls;
  }

  private static DescribedCall describe(CallKind kind, Map<String, String> choice) {
    DescribedTask task = DescribedTask.UNKNOWN;
    var words = new ArrayList<String>();
    for (var each : choice.entrySet()) {
      if (each.getKey().startsWith(TASK)) {
        task = task.with(each.getKey().substring(TASK.length()), each.getValue(), "/");
      } else {
        words.add(each.getKey() + "=" + each.getValue());
      }
    }
    return CallReader.read(kind.arch(), kind.name(), words, task, "/");
  }

  /// All combinations; if they are too many, each value once among others that are the first of
  /// theirs, and then some at random, always the same.
  private static Set<Map<String, String>> choices(Map<String, List<String>> values) {
    long count = 1;
    for (List<String> each : values.values()) {
      count = Math.min(MAX_ALL + 1L, count * each.size());
    }
    var choices = new LinkedHashSet<Map<String, String>>();
    if (count <= MAX_ALL) {
      choices.add(Map.of());
      values.forEach((name, all) -> {
        var longer = new LinkedHashSet<Map<String, String>>();
        choices.forEach(choice -> all.forEach(value -> longer.add(with(choice, name, value))));
        choices.clear();
        choices.addAll(longer);
      });
      return choices;
    }
    var base = new LinkedHashMap<String, String>();
    values.forEach((name, all) -> base.put(name, all.getFirst()));
    values.forEach((name, all) -> all.forEach(value -> choices.add(with(base, name, value))));
    var random = new Random(1);
    for (int i = 0; i < MAX_RANDOM; i++) {
      var choice = new LinkedHashMap<String, String>();
      values.forEach((name, all) -> choice.put(name, all.get(random.nextInt(all.size()))));
      choices.add(choice);
    }
    return choices;
  }

  private static Map<String, String> with(Map<String, String> choice, String name, String value) {
    var copy = new LinkedHashMap<>(choice);
    copy.put(name, value);
    return copy;
  }
}
